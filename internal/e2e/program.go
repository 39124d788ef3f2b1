// Package e2e runs the real program from outside, as its users and its operators do: over HTTP, in a browser, with
// processes that are killed. Its tests need the binary, which they build once.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// Program is a running duban.
type Program struct {
	URL   string
	Data  string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error
	out   output
}

// output gathers what a program prints and says when an address stands in it.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan string
}

var address = regexp.MustCompile(`https?://[0-9a-z.\[\]:]+`)

func (o *output) line(s string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.WriteString(s + "\n")
	if url := address.FindString(s); url != "" {
		select {
		case o.found <- url:
		default:
		}
	}
}

// String is all that was printed.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Build builds the program into the folder and returns its path; one that DUBAN_TEST_PROGRAM names is taken as it is. The
// race detector and the server do not go together on small machines, so it is the plain program.
func Build(ctx context.Context, folder string) (string, error) {
	if built := os.Getenv("DUBAN_TEST_PROGRAM"); built != "" {
		return built, nil
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(folder, "duban")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/duban")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return binary, nil
}

// Root is the folder of the module.
func Root() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", errors.New("e2e: not inside the module")
		}
		at = filepath.Dir(at)
	}
}

// Scratch is a fresh data folder that PostgreSQL's own account may pass to.
func Scratch() (string, error) {
	folder, err := os.MkdirTemp("", "duban-")
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, "data"), os.Chmod(folder, 0o755)
}

// Launch starts a command of the program with free ports on a data folder, without waiting for anything.
func Launch(binary, data string, env []string, args ...string) (*Program, error) {
	p := &Program{Data: data, ended: make(chan struct{})}
	p.out.found = make(chan string, 1)
	p.cmd = exec.Command(binary, args...)
	p.cmd.Env = append(os.Environ(), "DUBAN_DATA="+data, "DUBAN_LISTEN=127.0.0.1:0", "DUBAN_POSTGRES_PORT=0",
		"DUBAN_TEMPORAL_PORT=0")
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C at the terminal is ours to pass on
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = writer, writer
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, reader.Close(), writer.Close())
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(reader)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			p.out.line(lines.Text())
		}
	}()
	go func() {
		p.err = p.cmd.Wait()
		p.err = errors.Join(p.err, writer.Close())
		<-read
		_ = reader.Close()
		close(p.ended)
	}()
	return p, nil
}

// Up starts "duban up" and waits until it says where to look.
func Up(ctx context.Context, binary, data string, env ...string) (*Program, error) {
	p, err := Launch(binary, data, env, "up")
	if err != nil {
		return nil, err
	}
	select {
	case p.URL = <-p.out.found:
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("the program ended before it was ready: %w\n%s", p.err, p.out.String())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.Kill(), errors.New(p.out.String()))
	}
}

// Output is what the program printed.
func (p *Program) Output() string { return p.out.String() }

// Ended yields when the process is gone.
func (p *Program) Ended() <-chan struct{} { return p.ended }

// Wait waits for the end and gives the exit's error.
func (p *Program) Wait() error {
	<-p.ended
	return p.err
}

// Stop asks it to end, as Ctrl-C does, and waits.
func (p *Program) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.ended:
		return p.err
	case <-time.After(60 * time.Second):
		return errors.Join(errors.New("the program did not end"), p.Kill(), errors.New(p.out.String()))
	}
}

// Kill ends it without warning.
func (p *Program) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	return nil
}
