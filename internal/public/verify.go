package public

import (
	"archive/zip"
	"context"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"duban/internal/message"
	"duban/internal/poll"
	"duban/internal/store"
)

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
