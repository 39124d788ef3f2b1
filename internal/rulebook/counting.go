package rulebook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"duban/internal/poll"
	"duban/internal/procedure"
)

// sent makes up what a simulated matter collects of one it asked for.
func (r *run) sent(l procedure.Linked) map[string]json.RawMessage {
	for i := range r.state.Spec.Procedure.Stages {
		stage := &r.state.Spec.Procedure.Stages[i]
		if stage.Collect == nil || stage.Link() != l.Link {
			continue
		}
		start := r.state.Spec.Procedure.StartOf(stage)
		of := start.Rulebook
		if of == "" {
			of = r.state.Spec.Procedure.Rulebook
		}
		child, ok := r.library.Procedure(of, start.Procedure)
		if !ok {
			return nil
		}
		invent, err := r.inventors.of(r.library, child, r.rng)
		if err != nil {
			return nil
		}
		names := stage.Collect.Take
		if stage.Collect.Spread != "" {
			names = []string{stage.Collect.Spread}
		}
		return invent.fields(names, r.now)
	}
	return nil
}

// marks fills in a scorer's card; some leave a mark out or go beyond the range.
func (r *run) marks(stage *procedure.Stage, post procedure.Post) map[string]json.RawMessage {
	indicators := r.state.Indicators(stage)
	rows := r.state.BlankCard(stage, post)
	slip := r.chance(4)
	for _, row := range rows {
		for _, i := range indicators {
			mark := i.Min + float64(r.rng.IntN(int(i.Max-i.Min)*2+1))/2
			if slip {
				mark = i.Max + 1
			}
			if stage.Score.Measures == "" {
				row[i.Key] = mark
			} else if row["indicator"] == i.Key {
				row["mark"] = mark
			}
		}
	}
	raw, err := json.Marshal(rows)
	if err != nil {
		return nil
	}
	return map[string]json.RawMessage{stage.Score.Card: raw}
}

// answer brings a matter what it asked for from outside: seeds, and the counts of invented ballots.
func (r *run) answer(what string) error {
	kind, id, _ := strings.Cut(what, " ")
	sum := sha256.Sum256([]byte(id))
	seed := hex.EncodeToString(sum[:])
	c := procedure.Command{Action: procedure.ActionDraw, Draw: &procedure.DrawAnswer{Draw: id}}
	switch procedure.AskKind(kind) {
	case procedure.AskCommit:
		c.Draw.Commitment = poll.Commit(seed)
	case procedure.AskReveal:
		c.Draw.Value = seed
	case procedure.AskClose:
		if now := r.state.Polls[len(r.state.Polls)-1]; now.Counts.After(r.now) {
			return r.command(procedure.Command{Action: procedure.ActionTally, Closed: &procedure.LogEnd{Round: now.Round.ID, Ballots: int64(len(now.Voted))}})
		}
		return r.tally(seed)
	default:
		return r.tally(seed)
	}
	return r.command(c)
}

// tally brings the count of invented ballots.
func (r *run) tally(seed string) error {
	result, err := r.ballots(seed)
	if err != nil {
		return promise("a vote could not be counted: %v", err)
	}
	if want := r.state.Polls[len(r.state.Polls)-1].Round.Winners; len(result.Winners) != want {
		return promise("a vote for %d winners has %d", want, len(result.Winners))
	}
	return r.command(procedure.Command{Action: procedure.ActionTally, Result: &result})
}

// ballots counts a made-up ballot of every unit that voted, and some of the public.
func (r *run) ballots(seed string) (poll.Result, error) {
	polling := r.state.Polls[len(r.state.Polls)-1]
	round := &polling.Round
	tally := poll.NewTally(round)
	cast := func(class poll.Class, unit string) {
		var choices []string
		own := round.Own(unit)
		for _, i := range r.rng.Perm(len(round.Options)) {
			if id := round.Options[i].ID; len(choices) < round.Choices.Max && !slices.Contains(own, id) {
				choices = append(choices, id)
			}
		}
		tally.Add(class, choices)
	}
	for _, unit := range polling.Voted {
		cast(poll.ClassUnit, unit)
	}
	if len(round.Districts) > 0 {
		for range r.rng.IntN(20) {
			cast(poll.ClassPublic, "")
		}
	}
	return poll.Decide(round, tally, nil, poll.TieSeed(seed, ""))
}
