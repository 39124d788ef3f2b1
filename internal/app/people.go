package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
)

// Welcome says how to log in for the first time.
type Welcome struct {
	Password string             // of every invented person; empty: none were entered by this program
	Fresh    bool               // they were entered just now
	Links    []store.Activation // by which the administrators set theirs
}

// People enters the first persons: with Sample an invented one for every post that names a login, all with one password;
// else the three administrators, who get one-time links.
func (p *Platform) People(ctx context.Context) (Welcome, error) {
	if !p.Sample {
		links, err := p.Store.FirstStart(ctx, time.Now())
		return Welcome{Links: links}, err
	}
	password, known, err := samplePassword(p.Data)
	if err != nil {
		return Welcome{}, err
	}
	hash, err := p.Hasher.Hash(ctx, password)
	if err != nil {
		return Welcome{}, err
	}
	err = p.Store.LoadSample(ctx, p.Rules.Library().Organisations(), hash, time.Now())
	var refusal *procedure.Refusal
	switch {
	case err == nil:
		return Welcome{Password: password, Fresh: true}, nil
	case !errors.As(err, &refusal): // a refusal says that persons are entered already
		return Welcome{}, err
	case known:
		return Welcome{Password: password}, nil
	}
	return Welcome{}, os.Remove(passwordFile(p.Data))
}

func passwordFile(data string) string { return filepath.Join(data, "sample-password") }

// samplePassword is the invented persons' password: made once, kept in the data folder before it is used.
func samplePassword(data string) (password string, known bool, err error) {
	text, err := os.ReadFile(passwordFile(data))
	if err == nil {
		return strings.TrimSpace(string(text)), true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", false, err
	}
	password = identity.GeneratePassword()
	return password, false, os.WriteFile(passwordFile(data), []byte(password+"\n"), 0o600)
}
