package rehearsal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/procedure"
)

// Answer is what a post does in a stage, known by "procedure/stage"; when it signs for slips, by "procedure/slips".
type Answer struct {
	Action  api.ActionName `yaml:"action"` // approve if not given
	Opinion string         `yaml:"opinion"`
	Fields  map[string]any `yaml:"fields"`
	Own     bool           `yaml:"own"` // of the fields a post fills in only its own, where others fill in others
	// After is the days somebody takes over a matter of that title, or a unit over any; "": every other unit; below nought:
	// it never does.
	After  map[string]float64 `yaml:"after"`
	Finish string             `yaml:"finish"` // from this day of the matter's clock on it finishes instead
}

// takes says how many days somebody takes over an assignment, and whether they do it at all.
func (t *Troupe) takes(m api.Matter, a api.MatterAssignment) (days float64, does bool) {
	stage := a.Stage
	switch a.Duty {
	case api.DutyAttend:
		return 0, true
	case api.DutySign:
		stage = "slips"
	}
	answer, known := t.Answers[m.Procedure+"/"+stage]
	for _, who := range []string{m.Title, procedure.Post(a.Post.Post).Unit(), ""} {
		if after, own := answer.After[who]; own {
			days = after
			break
		}
	}
	return days, days >= 0 && (known || a.Duty == api.DutyVote || a.Duty == api.DutySign) && a.Duty != api.DutyGrant
}

// task is what a post does in a stage.
func (t *Troupe) task(ctx context.Context, c *client.Client, m api.Matter, a api.MatterAssignment) (api.Action, error) {
	answer := t.Answers[m.Procedure+"/"+a.Stage]
	action := api.Action{Assignment: a.ID, Action: answer.Action, Opinion: answer.Opinion}
	switch {
	case answer.Finish != "" && t.now().Format(time.DateOnly) >= answer.Finish:
		action.Action = api.ActionNameFinish
	case action.Action == "":
		action.Action = api.ActionNameApprove
	case action.Action == api.ActionNameScore:
		return t.card(ctx, c, action, m.ID)
	}
	var mine []string
	if answer.Own {
		seen, err := c.Matter(ctx, m.ID)
		if err != nil {
			return action, err
		}
		mine = seen.Fields
	}
	fields := map[string]any{}
	for name, value := range answer.Fields {
		if answer.Own && !slices.Contains(mine, name) {
			continue
		}
		var err error
		if fields[name], err = made(value, m); err != nil {
			return action, fmt.Errorf("field %s: %w", name, err)
		}
	}
	var err error
	action.Fields, err = fill(ctx, c, fields)
	return action, err
}

// card fills in the scorecard that somebody is offered.
func (t *Troupe) card(ctx context.Context, c *client.Client, action api.Action, matter string) (api.Action, error) {
	m, err := c.Matter(ctx, matter)
	if err != nil {
		return action, err
	}
	for _, offer := range m.Offers {
		if offer.Action == api.ActionNameScore {
			action.Fields, err = marked(offer.Values)
		}
	}
	return action, err
}

// marked gives every line of a card a mark that depends on what it is for alone.
func marked(values api.Form) (api.Form, error) {
	filled := api.Form{}
	for field, raw := range values {
		var lines []map[string]any
		if err := json.Unmarshal(raw, &lines); err != nil {
			return nil, err
		}
		for _, line := range lines {
			line["mark"] = 10 + pick(fmt.Sprint(line["subject"], line["indicator"]), 30)
		}
		card, err := json.Marshal(lines)
		if err != nil {
			return nil, err
		}
		filled[field] = card
	}
	return filled, nil
}

// pick is a number below n that depends on the text alone: the same play is the same every time.
func pick(text string, n int) int {
	sum := sha256.Sum256([]byte(text))
	return int(binary.BigEndian.Uint32(sum[:]) % uint32(n)) //nolint:gosec // n is small
}

// Choices is an invented ballot: as many as may be chosen, none of the voter's own, in an order of the voter's own.
func Choices(p api.Poll, voter string) []string {
	own := map[string]bool{}
	for _, mine := range p.Summary.Mine {
		if mine.Unit == voter {
			for _, id := range mine.Own {
				own[id] = true
			}
		}
	}
	options := slices.DeleteFunc(slices.Clone(p.Options), func(o api.PollOption) bool { return own[o.ID] })
	slices.SortStableFunc(options, func(a, b api.PollOption) int {
		return pick(voter+a.Title, 1000) + 40*a.Number - pick(voter+b.Title, 1000) - 40*b.Number
	})
	var ids []string
	for _, o := range options[:min(len(options), p.Most)] {
		ids = append(ids, o.ID)
	}
	return ids
}

// made makes a field's value: "=form.x" copies a field of the matter, "{unit}" in texts is the unit that started it and "{title}" its
// title; {each: …} is a list made of another; anything else stands as it is.
func made(value any, m api.Matter) (any, error) {
	switch v := value.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "=form."); ok {
			return m.Form[name], nil
		}
		return strings.NewReplacer("{unit}", m.UnitName, "{title}", m.Title).Replace(v), nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = made(v[i], m); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		if from, ok := v["each"].(string); ok {
			return each(from, v, m)
		}
		if file, ok := asFile(v); ok {
			return file, nil
		}
		out := map[string]any{}
		for key, inner := range v {
			var err error
			if out[key], err = made(inner, m); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return value, nil
}

// each makes an entry for each of a list of the form: {each: practices, take: 2, where: township, entry: {title: =title}};
// with `key: title` just that key of each.
func each(from string, rule map[string]any, m api.Matter) (any, error) {
	var list []map[string]any
	if err := json.NewDecoder(bytes.NewReader(m.Form[from])).Decode(&list); err != nil {
		return nil, err
	}
	out := []any{}
	for _, item := range list {
		if where, ok := rule["where"].(string); ok && item[where] != true {
			continue
		}
		if key, ok := rule["key"].(string); ok {
			out = append(out, item[key])
			continue
		}
		entry, _ := rule["entry"].(map[string]any)
		filled := map[string]any{}
		for key, value := range entry {
			if text, ok := value.(string); ok && strings.HasPrefix(text, "=item.") {
				filled[key] = item[strings.TrimPrefix(text, "=item.")]
				continue
			}
			var err error
			if filled[key], err = made(value, m); err != nil {
				return nil, err
			}
		}
		out = append(out, filled)
	}
	if take, ok := rule["take"].(uint64); ok {
		out = out[:min(len(out), int(take))] //nolint:gosec // a script's small number
	}
	return out, nil
}
