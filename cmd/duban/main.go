// Command duban is the whole platform in one program: everything in one process, its parts as processes of their own,
// and what an operator needs around them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"duban/internal/app"
	"duban/internal/memory"
	"duban/internal/message"
)

// version is set when the program is linked.
var version = "dev"

// commands are what the program can do; each has a file of its own.
type commands struct {
	Config string `help:"Configuration file (YAML)." env:"DUBAN_CONFIG" placeholder:"FILE"`

	Up        upCommand        `cmd:"" help:"Run everything in this process: PostgreSQL, Temporal, worker, API and web."`
	Backend   backendCommand   `cmd:"" help:"Run PostgreSQL and Temporal only, for workers and APIs in processes of their own."`
	API       apiCommand       `cmd:"" help:"Serve the web and the API against a database and a Temporal elsewhere."`
	Worker    workerCommand    `cmd:"" help:"Run the matters against a database and a Temporal elsewhere."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database's schema up to date."`
	Verify    verifyCommand    `cmd:"" help:"Verify the record of matters, a published vote or a published draw."`
	Reproject reprojectCommand `cmd:"" help:"Build what is shown of matters anew from their events."`
	Rules     rulesCommand     `cmd:"" help:"Check, explain, compare and simulate rulebooks."`
	Bench     benchCommand     `cmd:"" help:"Measure what it does in a second, beside a bare workflow on the same server."`
	Doctor    doctorCommand    `cmd:"" help:"Look at what the platform needs on this machine and say what is missing."`
	Version   versionCommand   `cmd:"" help:"Say which version this is."`
}

// program is what every command runs with.
type program struct {
	ctx   context.Context // ends at the first Ctrl-C
	hurry context.Context // ends at the second
	out   io.Writer
	err   io.Writer
	file  string
}

// config reads the settings.
func (p program) config() (app.Config, error) { return app.Load(p.file, os.Environ()) }

func main() {
	ctx, hurry, release := app.Interrupts(context.Background())
	defer release()
	memory.Tune()
	os.Exit(run(ctx, hurry, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program with its surroundings given: it returns the exit code.
func run(ctx, hurry context.Context, args []string, out, errs io.Writer) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c, kong.Name("duban"), kong.Description("督办: see reform through."), kong.Writers(out, errs),
		kong.Exit(func(code int) { exit = code }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // help was asked for and given
	}
	if err != nil {
		fmt.Fprintln(errs, "duban:", err)
		return 2
	}
	if err := parsed.Run(program{ctx: ctx, hurry: hurry, out: out, err: errs, file: c.Config}); err != nil {
		explain(errs, err)
		return 1
	}
	return 0
}

// explainable is an error with a text in the catalogue.
type explainable interface {
	error
	Message() (key string, args map[string]any)
}

// explain says in Chinese what can be said, and always the error itself.
func explain(to io.Writer, err error) {
	var all app.Problems
	var one explainable
	switch {
	case errors.As(err, &all):
		for _, p := range all {
			fmt.Fprintln(to, message.Text(p.Message()))
		}
	case errors.As(err, &one):
		fmt.Fprintln(to, message.Text(one.Message()))
	}
	fmt.Fprintln(to, "duban:", err)
}
