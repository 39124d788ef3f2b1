package public

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"duban/internal/poll"
	"duban/internal/store"
)

// lots finds a draw, carried out and signed. ErrNotFound: there is none, or its lists are not fixed; ErrRoundOpen: its
// seed is not revealed yet.
func (s *Site) lots(r *http.Request) (d poll.Drawn, text string, err error) {
	id := r.PathValue("draw")
	matter, _, _ := strings.Cut(id, ".")
	if uuid.Validate(matter) != nil {
		return d, "", store.ErrNotFound
	}
	row, err := s.Store.Matter(r.Context(), matter, nil)
	if err != nil {
		return d, "", err
	}
	d, fixed := row.State.Published(id)
	if !fixed {
		return d, "", store.ErrNotFound
	}
	return s.Store.PublishDraw(r.Context(), d)
}

// draw shows a draw: what was drawn from, by which seed, committed to when, and its file for whoever repeats it.
func (s *Site) draw(w http.ResponseWriter, r *http.Request) error {
	d, _, err := s.lots(r)
	if errors.Is(err, store.ErrRoundOpen) {
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "draw", page{Title: d.Title, Data: d})
}

// drawn serves a draw's file, for "duban verify draw".
func (s *Site) drawn(w http.ResponseWriter, r *http.Request) error {
	_, text, err := s.lots(r)
	if errors.Is(err, store.ErrRoundOpen) {
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	http.ServeContent(w, r, "draw.txt", time.Time{}, strings.NewReader(text))
	return nil
}
