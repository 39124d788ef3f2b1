package embedded

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	temporallog "go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// logger gives the server's log to slog. What the server calls information or a warning is detail to us.
type logger struct {
	to    *slog.Logger
	fatal *fatal
}

// fatal is the server giving up. It is built to end its process then; ours has a database to stop in order, so only the
// goroutine that gave up ends, and the failure is reported to whoever runs us.
type fatal struct {
	once     sync.Once
	struck   chan struct{}
	reason   string
	building atomic.Bool // NewServer is at work, in a goroutine that recovers from gaveUp
	ending   atomic.Bool // the services are going one after the other, and complain about each other
}

// gaveUp unwinds NewServer, whose parts cannot be left in any other way.
type gaveUp struct{}

func newFatal() *fatal { return &fatal{struck: make(chan struct{})} }

func (f *fatal) strike(reason string) {
	f.once.Do(func() {
		f.reason = reason
		close(f.struck)
	})
}

// err is the failure; it is to be asked for after struck is closed.
func (f *fatal) err() error {
	return fault(TemporalFailed, facts{"reason": f.reason}, errors.New(f.reason), "the Temporal server gave up")
}

func (l logger) write(level slog.Level, msg string, tags []tag.Tag) {
	ctx := context.Background() // the server's interface carries none
	if l.fatal.ending.Load() {
		level = min(level, slog.LevelDebug)
	}
	if !l.to.Enabled(ctx, level) {
		return
	}
	l.to.LogAttrs(ctx, level, msg, attributes(tags)...)
}

func attributes(tags []tag.Tag) []slog.Attr {
	list := make([]slog.Attr, len(tags))
	for i, t := range tags {
		list[i] = slog.Any(t.Key(), t.Value())
	}
	return list
}

func (l logger) Debug(msg string, tags ...tag.Tag) { l.write(slog.LevelDebug-4, msg, tags) }
func (l logger) Info(msg string, tags ...tag.Tag)  { l.write(slog.LevelDebug, msg, tags) }
func (l logger) Warn(msg string, tags ...tag.Tag)  { l.write(slog.LevelDebug, msg, tags) }
func (l logger) Error(msg string, tags ...tag.Tag) { l.write(slog.LevelWarn, msg, tags) }

// DPanic reports what would panic in the server's development builds only.
func (l logger) DPanic(msg string, tags ...tag.Tag) { l.write(slog.LevelError, msg, tags) }

func (l logger) Panic(msg string, tags ...tag.Tag) {
	l.write(slog.LevelError, msg, tags)
	panic(msg)
}

func (l logger) Fatal(msg string, tags ...tag.Tag) {
	l.write(slog.LevelError, msg, tags)
	for _, t := range tags {
		if err, ok := t.Value().(error); ok {
			msg += ": " + err.Error()
		}
	}
	l.fatal.strike(msg)
	if l.fatal.building.Load() {
		panic(gaveUp{})
	}
	runtime.Goexit()
}

func (l logger) With(tags ...tag.Tag) temporallog.Logger {
	list := make([]any, len(tags))
	for i, a := range attributes(tags) {
		list[i] = a
	}
	return logger{to: l.to.With(list...), fatal: l.fatal}
}
