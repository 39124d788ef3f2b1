// Package public is what everybody sees of a vote, without a session: the practices, how the vote works, the ballot, its
// receipt, the result, and the means to verify it. Pages are made here and can be read without any script.
package public

import (
	"archive/zip"
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"duban/internal/calendar"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/poll"
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
	s := &Site{Config: c, mux: http.NewServeMux(), limits: newLimits(c.Now), spools: make(chan struct{}, 2)}
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

var fixedText = regexp.MustCompile(`{{t "([0-9a-z-]+)"}}`)

// fixedTexts puts texts without arguments into the pages' source, so that they are looked up once and not for every page.
func fixedTexts(source []byte, word func(key string, pairs ...any) string) string {
	return fixedText.ReplaceAllStringFunc(string(source), func(found string) string {
		return template.HTMLEscapeString(word(fixedText.FindStringSubmatch(found)[1]))
	})
}

// word is a text of the pages: the one for single sign-on where there is one and it tells who votes.
func (s *Site) word(key string, pairs ...any) string {
	if own := key + "-sign-on"; s.SignOn != nil && message.Has("public."+own) {
		key = own
	}
	return text(key, pairs...)
}

// text is a text of the catalogue; arguments are pairs of name and value.
func text(key string, pairs ...any) string {
	args := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		args[name] = pairs[i+1]
	}
	return message.Text("public."+key, args)
}

func civil(at time.Time) string { return at.In(calendar.Shanghai).Format("2006年1月2日15:04") }

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

// found is the round a request is for. Rehearsals are found by who knows their address.
func (s *Site) found(r *http.Request) (*store.RoundItem, error) {
	item, err := s.Store.Round(r.Context(), r.PathValue("round"))
	if err == nil && len(item.Districts) == 0 {
		err = store.ErrNotFound // the public does not vote in it
	}
	return &item, err
}

func (s *Site) list(w http.ResponseWriter, r *http.Request) error {
	rounds, err := s.Store.Rounds(r.Context(), store.RoundFilter{Public: true, Rehearsals: s.Rehearsals}, nil, 50)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "list", page{Title: text("title"), Data: rounds})
}

// turnout is how many of each district have voted.
type turnout struct {
	Name            string
	Voted, Eligible int
}

func (s *Site) turnout(ctx context.Context, item *store.RoundItem) (all turnout, districts []turnout, err error) {
	cast, err := s.Store.Turnout(ctx, item.ID)
	for _, d := range item.Districts {
		t := turnout{Name: d.Name, Eligible: d.Eligible}
		for _, c := range cast {
			if c.Class == poll.ClassPublic && c.Part == d.ID {
				t.Voted = c.Ballots
			}
		}
		all.Voted, all.Eligible = all.Voted+t.Voted, all.Eligible+t.Eligible
		districts = append(districts, t)
	}
	return all, districts, err
}

func (s *Site) round(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	all, districts, err := s.turnout(r.Context(), item)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "round", page{Title: item.Title, Round: item, Data: map[string]any{"All": all, "Districts": districts}})
}

func (s *Site) how(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	rules := make([]string, len(item.Ties))
	for i, rule := range item.Ties {
		rules[i] = text("rule-" + string(rule))
	}
	return s.show(w, http.StatusOK, "how", page{Title: text("how"), Round: item, Data: strings.Join(rules, text("then"))})
}

// standing is a row of the result with its option.
type standing struct {
	poll.Row
	Title string
}

func (s *Site) result(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	if !item.Counted {
		return s.show(w, http.StatusOK, "waiting", page{Title: text("result"), Round: item})
	}
	result, err := s.Store.RoundResult(r.Context(), item.ID)
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, o := range item.Options {
		titles[o.ID] = o.Title
	}
	var rows []standing
	for _, row := range result.Rows {
		rows = append(rows, standing{row, titles[row.Option]})
	}
	var winners, ties []string
	for _, id := range result.Winners {
		winners = append(winners, titles[id])
	}
	for _, tie := range result.Ties {
		ties = append(ties, stated(tie, titles))
	}
	all, districts, err := s.turnout(r.Context(), item)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "result", page{Title: text("result"), Round: item, Data: map[string]any{
		"Rows": rows, "Winners": winners, "Ties": ties, "Result": result, "All": all, "Districts": districts, "Names": poll.Bound()}})
}

// stated says a tie and the rule that broke it.
func stated(tie poll.Tie, titles map[string]string) string {
	var groups []string
	for _, group := range tie.Groups {
		names := make([]string, len(group))
		for i, id := range group {
			names[i] = text("quoted", "title", titles[id])
		}
		groups = append(groups, strings.Join(names, text("and")))
	}
	return text("tie-"+string(tie.In), "place", tie.Place, "rule", text("rule-"+string(tie.Rule)), "order", strings.Join(groups, text("before")))
}

func (s *Site) verify(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	words := []said{{"poll", text("verified")}, {"working", text("working")}, {"lost", text("lost")},
		{"signed", text("signed")}, {"unsigned", text("unsigned")}}
	for _, key := range outcomes {
		words = append(words, said{key, message.Text("verify."+key, nil)})
	}
	return s.show(w, http.StatusOK, "verify", page{Title: text("verify"), Round: item, Data: words})
}

// said is a text for the script of a page.
type said struct{ Key, Text string }

// outcomes are what verify.js may find, as the catalogue says it for every verifier.
var outcomes = []string{"receipt-counted", "receipt-replaced", "receipt-excluded", "fault-missing", "fault-unreadable", "fault-signature", "fault-digest", "fault-closing",
	"fault-commitment", "fault-order", "fault-ballot", "fault-units", "fault-count", "fault-root", "fault-head", "fault-result", "fault-roll",
	"fault-exclusion", "fault-formula", "fault-rules", "fault-receipt-mistyped", "fault-receipt-unknown", "fault-receipt-leaf"}

// published are the names of a round's files.
func published() []string { return append(poll.Bound(), poll.FileClosing, poll.FileKey) }

func (s *Site) file(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	if !slices.Contains(published(), name) {
		return store.ErrNotFound
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	now, err := s.early(r.Context(), item, name)
	if err != nil {
		return err
	}
	if now != "" {
		_, err = io.WriteString(w, now) //nolint:gosec // plain text
		return gone(err)
	}
	return s.spooled(w, r, func(file io.Writer) error {
		return s.Store.WriteRoundFiles(r.Context(), item.ID, []string{name}, func(string) (io.Writer, error) { return file, nil })
	})
}

// early is what is published of a file before the round is counted: the definition from the beginning, and the log's heads
// with the key that signs them as they come. Who keeps one can tell afterwards whether the log was rewritten.
func (s *Site) early(ctx context.Context, item *store.RoundItem, name string) (string, error) {
	switch {
	case name == poll.FileRound:
		return item.Definition, nil
	case item.Counted:
		return "", nil
	case name == poll.FileHeads:
		return s.Store.RoundHeads(ctx, item.ID)
	case name == poll.FileKey:
		key, err := s.Store.PollKey(ctx)
		return key + "\n", err
	}
	return "", nil
}

// spooled writes a download into a file of its own and then sends it: the database is not held up by who reads slowly, and
// nobody is sent a part for the whole. Few are written at once.
func (s *Site) spooled(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) (err error) {
	select {
	case s.spools <- struct{}{}:
	case <-r.Context().Done():
		return store.ErrUnavailable
	}
	file, err := os.CreateTemp("", "duban-vote-")
	if err == nil {
		err = os.Remove(file.Name()) // it lasts as long as it is open
	}
	if err == nil {
		err = write(file)
	}
	<-s.spools
	if file != nil {
		defer file.Close() //nolint:errcheck // it is gone either way
	}
	if err != nil {
		return err
	}
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}

func (s *Site) archive(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	if !item.Counted {
		return store.ErrNotFound
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="`+item.ID+`.zip"`)
	return s.spooled(w, r, func(file io.Writer) error {
		out := zip.NewWriter(file)
		if err := s.Store.WriteRoundFiles(r.Context(), item.ID, published(), out.Create); err != nil {
			return err
		}
		return out.Close()
	})
}

func (s *Site) static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, files, path.Join("static", path.Base(r.PathValue("name"))))
}
