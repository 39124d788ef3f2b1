package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

// rulesCommand is what can be done with rulebooks without running anything.
type rulesCommand struct {
	Dir string `help:"Folder of rulebooks (*.yaml) and organisations (*.org.yaml); the shipped ones if not given." type:"existingdir"`

	Check    rulesCheck    `cmd:"" help:"Say what is wrong with the rulebooks: file, line and remedy."`
	Explain  rulesExplain  `cmd:"" help:"Print a procedure's timetable from a day, with every day skipped and why."`
	Diff     rulesDiff     `cmd:"" help:"Show what a rulebook inherits, overrides and adds."`
	Simulate rulesSimulate `cmd:"" help:"Run matters through a procedure in virtual time and report limits kept and missed."`
}

func (r rulesCommand) files() fs.FS {
	if r.Dir == "" {
		return rulebooks.FS
	}
	return os.DirFS(r.Dir)
}

// load gives the rulebooks, or prints what is wrong with them.
func (r rulesCommand) load(p program) (*rulebook.Library, error) {
	library, err := rulebook.Load(r.files())
	var found rulebook.Problems
	if errors.As(err, &found) {
		for _, problem := range found {
			fmt.Fprintln(p.out, problem)
		}
		return nil, rulesError{"rulebook.found", map[string]any{"count": len(found)}}
	}
	return library, err
}

// rulesError is an error the catalogue has a text for.
type rulesError struct {
	key  string
	args map[string]any
}

func (e rulesError) Error() string                     { return e.key }
func (e rulesError) Message() (string, map[string]any) { return e.key, e.args }

type rulesCheck struct{}

// Run says everything that is wrong, or how much is right.
func (rulesCheck) Run(p program, rules *rulesCommand) error {
	library, err := rules.load(p)
	if err != nil {
		return err
	}
	procedures, units := 0, 0
	for _, book := range library.Rulebooks() {
		for _, key := range book.Order {
			if book.Procedures[key].Rulebook == book.Key {
				procedures++
			}
		}
	}
	for _, o := range library.Organisations() {
		units += len(o.Units)
	}
	fmt.Fprintln(p.out, message.Text("rulebook.ok", map[string]any{
		"rulebooks": len(library.Rulebooks()), "procedures": procedures, "units": units}))
	return nil
}

type rulesExplain struct {
	Rulebook  string `arg:"" help:"Key of the rulebook, as zibo-city."`
	Procedure string `arg:"" help:"Key of the procedure, as provincial-document."`
	From      string `help:"Day to count from, as 2026-03-02; today if not given."`
}

// Run prints the timetable.
func (c rulesExplain) Run(p program, rules *rulesCommand) error {
	library, err := rules.load(p)
	if err != nil {
		return err
	}
	from := calendar.DateOf(time.Now())
	if c.From != "" {
		if from, err = calendar.ParseDate(c.From); err != nil {
			return rulesError{"rulebook.rules.bad-date", map[string]any{"date": c.From}}
		}
	}
	timetable, err := rulebook.Explain(library, c.Rulebook, c.Procedure, from, calendar.Shipped())
	if err != nil {
		return unknown(library, c.Rulebook, c.Procedure, err)
	}
	fmt.Fprint(p.out, timetable)
	return nil
}

type rulesDiff struct {
	Rulebook string `arg:"" help:"Key of the derived rulebook, as zibo-stb."`
}

// Run prints what the rulebook makes of its parent.
func (c rulesDiff) Run(p program, rules *rulesCommand) error {
	library, err := rules.load(p)
	if err != nil {
		return err
	}
	difference, ok := library.Diff(c.Rulebook)
	if !ok {
		return unknown(library, c.Rulebook, "", &procedure.Refusal{Code: "unknown-rulebook"})
	}
	fmt.Fprint(p.out, difference)
	return nil
}

type rulesSimulate struct {
	Rulebook  string `arg:"" help:"Key of the rulebook."`
	Procedure string `arg:"" help:"Key of the procedure."`
	Matters   int    `short:"n" default:"1000" help:"How many matters to run."`
	Seed      uint64 `default:"1" help:"Seed of the first; matter i has seed + i."`
}

// Run plays the matters and prints the report, or the first broken promise with its seed.
func (c rulesSimulate) Run(p program, rules *rulesCommand) error {
	library, err := rules.load(p)
	if err != nil {
		return err
	}
	simulation, err := rulebook.Simulate(library, c.Rulebook, c.Procedure, c.Matters, c.Seed, calendar.Shipped())
	if err != nil {
		return unknown(library, c.Rulebook, c.Procedure, err)
	}
	fmt.Fprint(p.out, simulation)
	return nil
}

// unknown says which rulebooks or procedures there are, where one was named that there is not.
func unknown(library *rulebook.Library, book, key string, err error) error {
	var refusal *procedure.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	of, ok := library.Rulebook(book)
	if ok {
		return rulesError{"rulebook.rules.unknown-procedure", map[string]any{"rulebook": book, "procedure": key, "known": strings.Join(of.Order, "、")}}
	}
	var known []string
	for _, r := range library.Rulebooks() {
		known = append(known, r.Key)
	}
	return rulesError{"rulebook.rules.unknown-rulebook", map[string]any{"rulebook": book, "known": strings.Join(known, "、")}}
}
