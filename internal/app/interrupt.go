package app

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is why a process stops at once.
var errInterrupted = errors.New("interrupted twice")

// Interrupts gives two contexts for Run: the first ends at the first Ctrl-C or SIGTERM, the second at the next one.
func Interrupts(parent context.Context) (ctx, hurry context.Context, release func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, end := context.WithCancel(parent)
	hurry, endNow := context.WithCancelCause(context.WithoutCancel(parent))
	go func() {
		select {
		case <-signals:
			end()
		case <-parent.Done():
			return
		}
		select {
		case <-signals:
			endNow(errInterrupted)
		case <-hurry.Done():
		}
	}()
	return ctx, hurry, func() {
		signal.Stop(signals)
		end()
		endNow(nil)
	}
}
