// Package public is what everybody sees of a vote, without a session: the practices, how the vote works, the ballot, its
// receipt, the result, and the means to verify it. Pages are made here and can be read without any script.
package public

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"duban/internal/identity"
	"duban/internal/store"
)

// Config is what the pages stand on.
type Config struct {
	Store  *store.Store
	Box    *store.BallotBox
	Voters *identity.VoterKeys
	Blobs  *store.Blobs
	Send   Sender
	SignOn *SignOn // nil: codes by SMS tell who votes
	Log    *slog.Logger
	Base   func() string              // address people use
	From   func(*http.Request) string // a request's address
	Now    func() time.Time
	// Rehearsals are listed with the votes: where everybody is invented. Elsewhere they are found by who knows their address.
	Rehearsals bool
}

// Site answers requests for the public pages.
type Site struct {
	Config
	mux     *http.ServeMux
	limits  *limits
	pages   *template.Template
	squares squares
	pressed sync.Map      // impression -> []string
	spools  chan struct{} // as many as are written at once
}

//go:embed pages.html static/*
var files embed.FS

// New makes the site; it serves paths under /vote and /draw.
func New(c Config) (*Site, error) {
	s := &Site{Config: c, mux: http.NewServeMux(), limits: newLimits(c.Now, c.Store.Spend), spools: make(chan struct{}, 2)}
	source, err := files.ReadFile("pages.html")
	if err != nil {
		return nil, err
	}
	s.pages, err = template.New("").Funcs(template.FuncMap{
		"t": s.word, "civil": civil, "plus": func(a, b int) int { return a + b },
		"percent": percent, "formula": formula, "hundredths": func(share float64) string { return strconv.FormatFloat(100*share, 'f', -1, 64) },
	}).Parse(fixedTexts(source, s.word))
	if err != nil {
		return nil, err
	}
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /vote":                                      s.list,
		"GET /vote/{round}":                              s.round,
		"GET /vote/{round}/practices/{option}":           s.practice,
		"GET /vote/{round}/practices/{option}/{picture}": s.picture,
		"GET /vote/{round}/how":                          s.how,
		"GET /vote/{round}/ballot":                       s.ballot,
		"GET /vote/{round}/challenge":                    s.challenge,
		"POST /vote/{round}/code":                        s.code,
		"POST /vote/{round}/ballot":                      s.cast,
		"GET /vote/{round}/result":                       s.result,
		"GET /vote/{round}/verify":                       s.verify,
		"GET /vote/{round}/files/{name}":                 s.file,
		"GET /vote/{round}/files.zip":                    s.archive,
		"GET /draw":                                      s.draws,
		"GET /draw/{draw}":                               s.draw,
		"GET /draw/{draw}/draw.txt":                      s.drawn,
	} {
		within := most
		if strings.Contains(pattern, "/files") {
			within = filesMost
		}
		s.mux.HandleFunc(pattern, s.answer(handle, within))
	}
	if s.SignOn != nil { // one way for a platform, or one person would have two votes
		s.mux.HandleFunc("GET /vote/{round}/sign-on", s.answer(s.signOn, most))
		s.mux.HandleFunc("GET "+signOnPath, s.answer(s.signedOn, most))
	}
	s.mux.HandleFunc("GET /vote-static/{name}", s.static)
	return s, nil
}

// ServeHTTP answers a request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// page is what every template is given.
type page struct {
	Name  string // of the template
	Title string
	Round *store.RoundItem
	Data  any
}

// How long a page may take, and the files of a round.
const (
	most      = 20 * time.Second
	filesMost = time.Hour
)

// answer makes a handler of a page: it ends in time, and an error becomes a page too.
func (s *Site) answer(handle func(http.ResponseWriter, *http.Request) error, within time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), within)
		defer cancel()
		w.Header().Set("Cache-Control", "no-store")
		err := handle(w, r.WithContext(ctx))
		switch {
		case err == nil:
		case errors.Is(err, store.ErrNotFound):
			s.say(w, http.StatusNotFound, "not-found")
		case errors.Is(err, identity.ErrForgotten):
			s.say(w, http.StatusGone, "forgotten")
		case errors.Is(err, store.ErrUnavailable):
			w.Header().Set("Retry-After", "5")
			s.say(w, http.StatusServiceUnavailable, "unavailable")
		default:
			s.Log.ErrorContext(ctx, "A public page failed", slog.Any("error", err))
			s.say(w, http.StatusInternalServerError, "failed")
		}
	}
}

// say answers with a page that says why there is no other.
func (s *Site) say(w http.ResponseWriter, status int, key string) {
	w.Header().Del("Content-Disposition")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := s.pages.ExecuteTemplate(w, "message", page{Title: text("title"), Data: text(key)}); err != nil {
		s.Log.Error("A public page failed", slog.Any("error", err))
	}
}

func (s *Site) show(w http.ResponseWriter, status int, name string, p page) error {
	var body strings.Builder
	p.Name = name
	if err := s.pages.ExecuteTemplate(&body, name, p); err != nil {
		return err
	}
	return write(w, status, body.String())
}

// write answers with a page. Its length is said, so that it goes out in one piece.
func write(w http.ResponseWriter, status int, page string) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	_, err := io.WriteString(w, page) //nolint:gosec // made by a template, which escapes
	return gone(err)
}

// gone takes it that whoever asked went away.
func gone(err error) error {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (s *Site) static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, files, path.Join("static", path.Base(r.PathValue("name"))))
}
