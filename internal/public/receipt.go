package public

import (
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"duban/internal/poll"
	"duban/internal/store"
)

// impression names a page of receipts that is made once: all of a round are the same but for a few words.
type impression struct {
	round    string
	replaced bool
}

// gaps stand for what differs from receipt to receipt, in the order in which the page has it. No text contains them.
var gaps = []string{"\ue000", "\ue001", "\ue002", "\ue003"}

// errPressed says that the template lacks a gap, or has them in another order.
var errPressed = errors.New("no page of receipts with its gaps")

// press makes a round's page of receipts and cuts it at its gaps: filling them takes a crowd's every ballot a hundredth
// of what making the page does.
func (s *Site) press(item *poll.Round, replaced bool) ([]string, error) {
	key := impression{item.ID, replaced}
	if parts, known := s.pressed.Load(key); known {
		return parts.([]string), nil
	}
	var body strings.Builder
	if err := s.pages.ExecuteTemplate(&body, "receipt", page{Name: "receipt", Title: text("receipt"), Round: &store.RoundItem{Round: *item}, Data: map[string]any{
		"Replaced": replaced, "Leaf": gaps[0], "Receipt": gaps[1], "Picture": template.HTMLAttr(gaps[2]), "Choices": gaps[3]}}); err != nil { //nolint:gosec // a constant
		return nil, err
	}
	rest := body.String()
	var parts []string
	for _, gap := range gaps {
		part, after, found := strings.Cut(rest, gap)
		if !found {
			return nil, errPressed
		}
		parts, rest = append(parts, part), after
	}
	parts = append(parts, rest)
	s.pressed.Store(key, parts)
	return parts, nil
}

// modulePixels is how wide a module of the square is shown: a whole number, so that all are alike.
const modulePixels = 5

func (s *Site) showReceipt(w http.ResponseWriter, item *poll.Round, receipt string, out store.Outcome, choices []string) error {
	parts, err := s.press(item, out.Replaced)
	if err != nil {
		return err
	}
	var titles strings.Builder
	for i := range item.Options {
		if slices.Contains(choices, item.Options[i].ID) {
			titles.WriteString("<li>")
			template.HTMLEscape(&titles, []byte(item.Options[i].Title))
			titles.WriteString("</li>")
		}
	}
	shown := poll.ShowReceipt(receipt)
	// What follows # never leaves the browser: no log holds a receipt.
	picture, width, err := s.squares.draw(strings.TrimSuffix(s.Base(), "/") + "/vote/" + item.ID + "/verify#" + shown)
	if err != nil {
		return err
	}
	pixels := strconv.Itoa(width * modulePixels)
	return write(w, http.StatusOK, strings.Join([]string{parts[0], strconv.FormatInt(out.Leaf+1, 10), parts[1], shown,
		parts[2], `src="`, picture, `" width="`, pixels, `" height="`, pixels, `"`, parts[3], titles.String(), parts[4]}, ""))
}
