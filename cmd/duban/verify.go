package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"duban/internal/message"
	"duban/internal/verifier"
)

// verifyCommand verifies the record of matters if nothing else is named.
type verifyCommand struct {
	Record verifyRecordCommand `cmd:"" default:"1" help:"Recompute every matter's chain of events and name the first broken link."`
	Poll   verifyPollCommand   `cmd:"" help:"Verify the published files of a vote, as docs/verify.md says."`
	Draw   verifyDrawCommand   `cmd:"" help:"Repeat a published draw, as docs/verify.md says."`
}

type verifyPollCommand struct {
	File    string `arg:"" help:"The ZIP archive a vote is published as, or a folder with its files."`
	Receipt string `help:"Also say what became of this receipt's ballot."`
}

// Run verifies a vote. It needs no database: only the files.
func (c verifyPollCommand) Run(p program) error {
	files, err := published(c.File)
	if err != nil {
		return err
	}
	report, err := verifier.Poll(files)
	if err != nil {
		return notVerified(err)
	}
	fmt.Fprintln(p.out, message.Text("verify.poll", map[string]any{"title": report.Title, "round": report.Round, "size": report.Size,
		"unit": report.Counted["unit"], "public": report.Counted["public"], "ties": report.Ties}))
	for i, title := range report.Winners {
		fmt.Fprintln(p.out, message.Text("verify.winner", map[string]any{"n": i + 1, "title": title}))
	}
	if c.Receipt == "" {
		return nil
	}
	in, err := report.Receipt(c.Receipt)
	if err != nil {
		return notVerified(err)
	}
	status, exclusion, _ := strings.Cut(in.Status, "-")
	fmt.Fprintln(p.out, message.Text("verify.receipt-"+status, map[string]any{"leaf": in.Leaf, "exclusion": exclusion,
		"choices": strings.Join(in.Choices, "、")}))
	return nil
}

type verifyDrawCommand struct {
	File string `arg:"" type:"existingfile" help:"The file a draw is published as."`
}

// Run repeats a draw.
func (c verifyDrawCommand) Run(p program) error {
	file, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	drawn, err := verifier.Draw(file)
	if err != nil {
		return notVerified(err)
	}
	fmt.Fprintln(p.out, message.Text("verify.draw", map[string]any{"title": drawn.Title, "commitment": drawn.Commitment}))
	for _, g := range drawn.Groups {
		names := make([]string, len(g.Drawn))
		for i, key := range g.Drawn {
			for _, item := range g.List {
				if item.Key == key {
					names[i] = item.Name
				}
			}
		}
		fmt.Fprintln(p.out, message.Text("verify.drawn", map[string]any{"title": g.Title, "of": len(g.List), "names": strings.Join(names, "、")}))
	}
	return nil
}

// unverified is a fault with its text.
type unverified struct{ fault *verifier.Fault }

func (u unverified) Error() string { return u.fault.Error() }

// Message gives the fault's text.
func (u unverified) Message() (key string, args map[string]any) {
	return "verify.fault-" + u.fault.Code, map[string]any{"where": u.fault.Where}
}

func notVerified(err error) error {
	var fault *verifier.Fault
	if errors.As(err, &fault) {
		return unverified{fault}
	}
	return err
}

// published reads a vote's files from a folder or a ZIP archive.
func published(name string) (map[string][]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if info.IsDir() {
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() {
				if files[entry.Name()], err = os.ReadFile(filepath.Join(name, entry.Name())); err != nil {
					return nil, err
				}
			}
		}
		return files, nil
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	defer archive.Close() //nolint:errcheck // it was read
	for _, entry := range archive.File {
		file, err := entry.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		files[path.Base(entry.Name)] = content
	}
	return files, nil
}
