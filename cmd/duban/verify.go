package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
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
	files, end, err := published(c.File)
	if err != nil {
		return err
	}
	defer end()
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

// published opens a vote's files in a folder or a ZIP archive, in which they may stand in a folder; end closes it.
func published(name string) (files fs.FS, end func(), err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		return os.DirFS(name), func() {}, nil
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, err
	}
	end = func() { _ = archive.Close() } // it was only read
	for _, entry := range archive.File {
		if folder, file := path.Split(entry.Name); file == "key.txt" && folder != "" {
			files, err = fs.Sub(archive, path.Clean(folder))
			return files, end, err
		}
	}
	return archive, end, nil
}
