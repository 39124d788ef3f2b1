package public

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/internal/store"
)

// passage is one text of a practice, as its recommendation gives it.
type passage struct{ Title, Text string }

// practice shows what is voted for: the long texts its recommending unit wrote itself and the pictures, and nothing else of
// the form; what was said of it on the way is not the public's.
func (s *Site) practice(w http.ResponseWriter, r *http.Request) error {
	item, option, err := s.option(r)
	if err != nil {
		return err
	}
	data := map[string]any{"Option": option}
	if uuid.Validate(option.ID) == nil {
		row, err := s.Store.Matter(r.Context(), option.ID, nil)
		if err != nil {
			return err
		}
		data["Passages"] = passages(&row.State.Spec.Procedure, row.State.Form)
		attached, err := s.Store.Attachments(r.Context(), option.ID)
		if err != nil {
			return err
		}
		data["Pictures"] = slices.DeleteFunc(attached, func(a store.Attachment) bool { return !picture(a) })
	}
	return s.show(w, http.StatusOK, "practice", page{Title: option.Title, Round: item, Data: data})
}

func (s *Site) option(r *http.Request) (*store.RoundItem, poll.Option, error) {
	item, err := s.found(r)
	if err != nil {
		return item, poll.Option{}, err
	}
	option, known := item.Option(r.PathValue("option"))
	if !known {
		return item, option, store.ErrNotFound
	}
	return item, option, nil
}

func picture(a store.Attachment) bool { return a.Type == "image/jpeg" || a.Type == "image/png" }

// passages are the long texts of a form's first stage.
func passages(p *procedure.Procedure, form map[string]json.RawMessage) []passage {
	first, known := p.Stage(p.First)
	var fields struct {
		Properties map[string]struct {
			Title  string `json:"title"`
			Format string `json:"format"`
		} `json:"properties"`
	}
	if !known || json.Unmarshal(p.Form, &fields) != nil {
		return nil
	}
	var out []passage
	for _, name := range first.Fields { // in the form's order
		var text string
		if field := fields.Properties[name]; field.Format == "textarea" && json.Unmarshal(form[name], &text) == nil && strings.TrimSpace(text) != "" {
			out = append(out, passage{field.Title, text})
		}
	}
	return out
}

func (s *Site) picture(w http.ResponseWriter, r *http.Request) error {
	_, option, err := s.option(r)
	if err != nil {
		return err
	}
	attached, err := s.Store.Attachments(r.Context(), option.ID)
	if err != nil {
		return err
	}
	for _, a := range attached {
		if a.ID != r.PathValue("picture") || !picture(a) {
			continue
		}
		file, err := s.Blobs.Open(a.Digest)
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // it is read
		w.Header().Set("Content-Type", a.Type)
		w.Header().Set("Content-Length", strconv.FormatInt(a.Size, 10))
		_, err = io.Copy(w, file)
		return gone(err)
	}
	return store.ErrNotFound
}
