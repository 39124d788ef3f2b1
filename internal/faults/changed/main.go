// Command changed runs a worker built with a changed workflow against the duban on a data folder, until it is stopped:
// for the tests in a browser.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"duban/internal/app"
	"duban/internal/faults"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: changed DATA NAMESPACE")
	}
	at, err := app.ReadEndpoints(app.Config{Data: args[0]})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	end, err := faults.ChangedWorker(ctx, at.TemporalAddress, args[1], at.DatabaseURL)
	if err != nil {
		return err
	}
	defer end()
	fmt.Println("changed")
	<-ctx.Done()
	return nil
}
