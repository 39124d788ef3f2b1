package public

import (
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"duban/internal/poll"
	"duban/internal/store"
)

// drawing is a draw as its page shows it: committed to, with its lists fixed, or drawn.
type drawing struct {
	poll.Drawn
	Rehearsal bool
	file      string // empty: not drawn yet
}

// Revealed says whether it is drawn.
func (d drawing) Revealed() bool { return d.file != "" }

// lots finds a draw. ErrNotFound: there is none, or it is not committed to yet.
func (s *Site) lots(r *http.Request) (d drawing, err error) {
	id := r.PathValue("draw")
	matter, _, _ := strings.Cut(id, ".")
	if uuid.Validate(matter) != nil {
		return d, store.ErrNotFound
	}
	row, err := s.Store.Matter(r.Context(), matter, nil)
	if err != nil {
		return d, err
	}
	known, public := row.State.PublicDraw(id)
	if !public {
		return d, store.ErrNotFound
	}
	d.Rehearsal = row.Rehearsal
	d.Drawn, d.file, err = s.Store.PublishDraw(r.Context(), known)
	return d, err
}

// draws lists the public draws.
func (s *Site) draws(w http.ResponseWriter, r *http.Request) error {
	draws, err := s.Store.Draws(r.Context(), s.Rehearsals, 50)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "draws", page{Title: text("draws"), Data: draws})
}

// draw shows a draw: from when it is committed to by what; later what is drawn from, and at last by which seed, what, and
// its file for whoever repeats it.
func (s *Site) draw(w http.ResponseWriter, r *http.Request) error {
	d, err := s.lots(r)
	if err != nil {
		return err
	}
	return s.show(w, http.StatusOK, "draw", page{Title: d.Title, Data: d})
}

// drawn serves a draw's file, for "duban verify draw".
func (s *Site) drawn(w http.ResponseWriter, r *http.Request) error {
	d, err := s.lots(r)
	if err == nil && !d.Revealed() {
		err = store.ErrNotFound
	}
	if err != nil {
		return err
	}
	http.ServeContent(w, r, "draw.txt", time.Time{}, strings.NewReader(d.file))
	return nil
}
