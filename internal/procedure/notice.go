package procedure

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"duban/internal/poll"
)

// plan enters a poll stage: once the seed of its ties is committed to, it says how the vote will be held.
func (d *draft) plan(stage *Stage) (next string, err error) {
	seed := fmt.Sprintf("ties.%s.%d", stage.Key, d.s.Rounds[stage.Key])
	draw, wanted := d.s.Draws[seed]
	switch {
	case !wanted:
		tried := d.s.notice(stage, strings.Repeat("0", 64), d.s.opening(stage, d.s.Entered), 0)
		if why, units := unvotable(&tried.Round, stage.Poll.Enough); why != "" {
			least := tried.Round.Choices.Min
			if why == UnvotableShort {
				least = stage.Poll.Enough
			}
			d.emit(PollSkipped{Stage: stage.Key, Options: len(tried.Round.Options), Why: why, Least: least, Units: units})
			if stage.Poll.Enough > 0 {
				d.put(stage.Poll.Into, d.s.unchosen(stage.Poll, why))
			}
			d.leave(stage, "")
			return stage.Poll.Else, nil
		}
		d.emit(DrawWanted{Draw: tried.Round.ID, Seed: seed})
	case draw.Commitment != "" && d.s.polling() == nil:
		d.emit(PollPlan{d.s.notice(stage, draw.Commitment, latest(d.s.opening(stage, d.s.Entered), d.at), 0)})
	}
	return "", nil
}

// unchosen is what goes into the list of winners where no vote is held: the options, as they stand, if they were too few to
// choose among or a ballot could not be filled with them and none would have lost, for whoever decides to go on with them; else
// nothing.
func (s *State) unchosen(rule *Poll, why Unvotable) []map[string]json.RawMessage {
	list, options := []map[string]json.RawMessage{}, s.list(rule.Options)
	short := (why == UnvotableFew || why == UnvotableOwn) && len(options) <= rule.Winners
	if why != UnvotableShort && !short {
		return list
	}
	for _, entry := range options {
		for _, key := range []string{"place", "unitVotes", "publicVotes", "score"} { // of an earlier vote
			delete(entry, key)
		}
		list = append(list, entry)
	}
	return list
}

// unvotable says why a vote cannot be held, and because of which units; empty where it can.
func unvotable(r *poll.Round, enough int) (why Unvotable, units []string) {
	switch {
	case len(r.Options) == 0:
		return UnvotableEmpty, nil
	case len(r.Units)+len(r.Districts) == 0:
		return UnvotableNobody, nil
	case len(r.Options) < enough:
		return UnvotableShort, nil
	case r.Validate() == nil:
		return "", nil
	case len(r.Options) < r.Choices.Min:
		return UnvotableFew, nil
	}
	for _, u := range r.Units {
		if len(r.Options)-len(r.Own(u.ID)) < r.Choices.Min {
			units = append(units, u.ID)
		}
	}
	if len(units) > 0 {
		return UnvotableOwn, units
	}
	return UnvotableWindow, nil
}

// notice makes the stage's rules and the form's list into a vote that opens at an instant.
func (s *State) notice(stage *Stage, commitment string, opens time.Time, days int) Notice {
	rule, p := stage.Poll, Notice{Stage: stage.Key, Opens: opens, Days: days}
	if limit := stage.limit(rule.Closes); limit != nil {
		if at, ok := due(s, limit, opens); ok {
			p.Closes = at.At
			if days > 0 {
				p.Closes = s.extended(at, days).At
			}
		}
	}
	if rule.Review != nil && !p.Closes.IsZero() {
		p.Counts = s.Calendar.Deadline(p.Closes, rule.Review.Within).At
	}
	r := poll.Round{
		ID: fmt.Sprintf("%s.%s.%d", s.Spec.Matter, stage.Key, s.Rounds[stage.Key]), Matter: s.Spec.Matter, Stage: stage.Key,
		Title: s.Spec.Title + "：" + stage.Title, Source: stage.Source, Rehearsal: s.Spec.Clock.Factor != 0,
		Opens: s.Spec.Clock.Wall(p.Opens).UTC(), Closes: s.Spec.Clock.Wall(p.Closes).UTC(), OwnChoice: rule.OwnChoice, Formula: rule.Formula,
		PublicCap: rule.PublicCap, Order: rule.Order, Ties: rule.Ties, Draw: commitment, Promises: poll.Promises{Secret: !rule.Open, Hidden: true},
	}
	if !p.Counts.IsZero() {
		r.Counts = s.Spec.Clock.Wall(p.Counts).UTC()
	}
	if rule.Objections != nil {
		r.Objections = rule.Objections.Within.N
	}
	r.Options = s.options(rule)
	r.Winners = min(rule.Winners, len(r.Options))
	r.Choices = poll.Choices{Min: rule.Choices.Min, Max: min(rule.Choices.Max, len(r.Options))}
	for _, post := range s.posts(stage.Who, nil) {
		if unit := post.Unit(); !slices.ContainsFunc(r.Units, func(u poll.Unit) bool { return u.ID == unit }) {
			r.Units = append(r.Units, poll.Unit{ID: unit, Name: s.name(unit)})
		}
	}
	for _, entry := range s.list(rule.Roll) {
		district := poll.District{ID: str(entry["unit"])}
		district.Name = s.name(district.ID)
		_ = json.Unmarshal(entry["eligible"], &district.Eligible) // absent: nobody
		r.Districts = append(r.Districts, district)
	}
	p.Round = r
	return p
}

var optionID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$`)

// options are the entries of a list as what is voted for, numbered as they stand there.
func (s *State) options(rule *Poll) []poll.Option {
	var options []poll.Option
	seen := map[string]bool{}
	for i, entry := range s.list(rule.Options) {
		id := cmp.Or(str(entry["key"]), str(entry["matter"]))
		if !optionID.MatchString(id) || seen[id] {
			id = fmt.Sprintf("option-%d", i+1)
		}
		seen[id] = true
		at, _ := time.Parse(time.RFC3339, str(entry["at"])) // absent: before all others
		options = append(options, poll.Option{ID: id, Number: i + 1, Title: str(entry["title"]), Units: unitsIn(entry[rule.Own]), Recommended: at.UTC()})
	}
	return options
}

// unitsIn reads a unit, or several.
func unitsIn(raw json.RawMessage) []string {
	return Party{Field: "own"}.UnitsOf(map[string]json.RawMessage{"own": raw})
}

// opening is when a vote opens whose stage is entered at an instant.
func (s *State) opening(stage *Stage, entered time.Time) time.Time {
	if stage.Poll.Opens == nil {
		return entered
	}
	return latest(s.ends(stage.Poll.Opens, entered, s.Marks), entered)
}

func (st *Stage) limit(key string) *Limit {
	for i := range st.Limits {
		if st.Limits[i].Key == key {
			return &st.Limits[i]
		}
	}
	return nil
}

// postpone gives a vote more time, before it is published and never after.
func (d *draft) postpone(stage *Stage, c Command) error {
	rule, p := stage.Extend, d.s.polling()
	post := Post("")
	for _, by := range d.s.posts(rule.By, nil) {
		if c.Actor.Holds(by) {
			post = by
			break
		}
	}
	switch {
	case post == "":
		return &Refusal{Code: "not-your-turn", Authority: stage.Authority, Args: map[string]any{"who": postNames(d.s.posts(rule.By, nil))}}
	case p == nil:
		return &Refusal{Code: "not-ready", Authority: stage.Authority}
	case d.s.Extensions[stage.Key] >= rule.Times:
		return &Refusal{Code: "extended-enough", Authority: rule.Authority, Args: map[string]any{"times": rule.Times}}
	case c.Opinion == "":
		return &Refusal{Code: "reason-required", Authority: rule.Authority, Input: true}
	case c.Days <= 0:
		return &Refusal{Code: "days-required", Authority: rule.Authority, Input: true, Args: map[string]any{"max": rule.Max.Chinese()}}
	}
	longer := d.s.notice(stage, p.Round.Draw, p.Opens, p.Days+c.Days)
	if longer.Closes.After(d.s.Calendar.Deadline(p.Closes, rule.Max).At) {
		return &Refusal{Code: "too-much-time", Authority: rule.Authority, Input: true, Args: map[string]any{"max": rule.Max.Chinese()}}
	}
	d.act(c, Assignment{AssignmentOpened: AssignmentOpened{Stage: stage.Key, Post: post}}, func(b *Acted) { b.Days = c.Days })
	d.emit(PollPlan{longer})
	return nil
}
