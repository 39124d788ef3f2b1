package api

import (
	"slices"
	"strings"

	"duban/internal/message"
	"duban/internal/procedure"
)

// counted tells of collections, scores, draws and votes. Who voted is told while a vote is open, and nothing more.
func (t *teller) counted(body procedure.Body, line *StoryEvent) (string, args) {
	switch b := body.(type) {
	case procedure.Gathered:
		line.Stage = b.Stage
		return missing("gathered", b.Missing), args{"stage": stageTitle(t.p, b.Stage), "sent": b.Sent, "missing": t.unitList(b.Missing)}
	case procedure.Lapsed:
		line.Matter, line.Source = b.Matter, b.Source
		return "lapsed", args{"title": b.Title, "closed": civil(b.At)}
	case procedure.Scored:
		line.Stage, line.Minor = b.Stage, true
		return "scored", args{"post": t.w.post(b.Post)}
	case procedure.ScoresClosed:
		line.Stage = b.Stage
		return missing("scores-closed", b.Missing), args{"stage": stageTitle(t.p, b.Stage), "count": len(b.Results), "missing": t.w.postList(b.Missing)}
	case procedure.DrawWanted:
		line.Minor = true
		return "draw-wanted", nil
	case procedure.DrawCommitted:
		return "draw-committed", args{"commitment": b.Commitment}
	case procedure.DrawFixed:
		line.Stage = b.Stage
		more := ""
		if slices.ContainsFunc(b.Lots, func(g procedure.DrawGroup) bool { return g.More > 0 }) {
			more = "more"
		}
		return variant("draw-fixed", more), args{"take": b.Take}
	case procedure.DrawRevealed:
		return "draw-revealed", args{"value": b.Value, "draw": b.Draw}
	case procedure.PollPlan:
		line.Stage, line.Minor = b.Stage, true
		return "poll-plan", args{"opens": civil(b.Opens), "closes": civil(b.Closes)}
	case procedure.PollSeal:
		line.Stage = b.Stage
		return "poll-seal", args{"opens": civil(b.Opens), "closes": civil(b.Closes), "options": len(b.Round.Options), "winners": b.Round.Winners}
	case procedure.PollSkipped:
		line.Stage = b.Stage
		return variant("poll-skipped", string(b.Why)), args{"stage": stageTitle(t.p, b.Stage), "options": b.Options, "least": b.Least,
			"units": t.unitList(b.Units)}
	case procedure.PollOpened:
		line.Stage = b.Stage
		return "poll-opened", args{"stage": stageTitle(t.p, b.Stage)}
	case procedure.Voted:
		line.Minor = true
		return "voted", args{"unit": t.unit(b.Unit)}
	case procedure.PollClosed:
		line.Stage = b.Stage
		return missing("poll-closed", b.Missing), args{"stage": stageTitle(t.p, b.Stage), "missing": t.unitList(b.Missing)}
	case procedure.PollUnderReview:
		line.Stage = b.Stage
		return "poll-review", args{"stage": stageTitle(t.p, b.Stage), "ballots": b.End.Ballots, "root": b.End.Root, "until": civil(b.Until)}
	case procedure.PollCount:
		line.Stage = b.Stage
		return "poll-count", args{"stage": stageTitle(t.p, b.Stage)}
	case procedure.PollDecided:
		line.Stage = b.Stage
		return t.decided(b)
	}
	return "", nil
}

// missing is the key's variant for where somebody did not do their part.
func missing[T any](key string, who []T) string {
	if len(who) > 0 {
		return key + ".missing"
	}
	return key
}

func (t *teller) unitList(units []string) string {
	names := make([]string, len(units))
	for i, unit := range units {
		names[i] = t.unit(unit)
	}
	return strings.Join(names, message.Text("events.and", nil))
}

func (t *teller) decided(b procedure.PollDecided) (string, args) {
	var titles []string
	if n := len(t.state.Polls); n > 0 {
		round := t.state.Polls[n-1].Round
		for _, id := range b.Result.Winners {
			option, _ := round.Option(id)
			titles = append(titles, option.Title)
		}
	}
	a := args{"stage": stageTitle(t.p, b.Stage), "winners": strings.Join(titles, message.Text("events.and", nil)), "ties": len(b.Result.Ties)}
	if len(b.Result.Ties) > 0 {
		return "poll-decided.ties", a
	}
	return "poll-decided", a
}
