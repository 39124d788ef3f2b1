package public

import (
	"context"
	"net/http"
	"strings"

	"duban/internal/poll"
	"duban/internal/store"
)

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
		waiting := page{Title: text("result"), Round: item}
		if !item.Closed.IsZero() {
			end, err := s.Store.RoundEnd(r.Context(), item.ID)
			if err != nil {
				return err
			}
			waiting.Data = end
		}
		return s.show(w, http.StatusOK, "waiting", waiting)
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
