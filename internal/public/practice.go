package public

import (
	"context"
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
		if data["Pictures"], err = s.pictures(r.Context(), row); err != nil {
			return err
		}
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

// pictures are those in what the recommending unit filled in, as it stands: what was taken out on the way, or came from
// others, is not the public's.
func (s *Site) pictures(ctx context.Context, row store.MatterRow) ([]store.Attachment, error) {
	attached, err := s.Store.Attachments(ctx, row.State.Spec.Matter)
	if err != nil {
		return nil, err
	}
	var own []string
	if first, known := row.State.Spec.Procedure.Stage(row.State.Spec.Procedure.First); known {
		for _, field := range first.Fields {
			var ids []string
			if json.Unmarshal(row.State.Form[field], &ids) == nil { // no list of files else
				own = append(own, ids...)
			}
		}
	}
	return slices.DeleteFunc(attached, func(a store.Attachment) bool {
		return a.Type != "image/jpeg" && a.Type != "image/png" || !slices.Contains(own, a.ID)
	}), nil
}

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
	if err == nil && uuid.Validate(option.ID) != nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return err
	}
	row, err := s.Store.Matter(r.Context(), option.ID, nil)
	if err != nil {
		return err
	}
	pictures, err := s.pictures(r.Context(), row)
	if err != nil {
		return err
	}
	for _, a := range pictures {
		if a.ID != r.PathValue("picture") {
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
