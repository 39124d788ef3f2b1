package procedure

import (
	"slices"
	"time"
)

// Span is a stage's time: planned, or as it was.
type Span struct {
	Stage string
	From  time.Time
	To    time.Time // zero: the matter is still in it
	Late  bool      // it ended, or will, after its plan did
}

// Plan counts out a matter's stages from its start, each taking all the time its own limits give: the same limits,
// calendar and form the matter runs by, but nothing that happened since. A stage without a limit takes no time. It ends
// where the procedure ends or comes round again.
func Plan(s State) []Span {
	s.Pauses = nil
	now := s.Spec.At
	marks := map[Mark]time.Time{"started": now}
	var plan []Span
	seen := map[string]bool{}
	for key := s.Spec.Procedure.First; key != Closed && !seen[key]; {
		stage, ok := s.Spec.Procedure.Stage(key)
		if !ok {
			break
		}
		seen[key] = true
		marks[key+".entered"] = now
		ends := latest(now, planned(&s, stage, marks, now))
		marks[key+".done"] = ends
		plan = append(plan, Span{Stage: key, From: now, To: ends})
		now, key = ends, onward(stage)
	}
	return plan
}

// planned is when a stage that is entered now has to end.
func planned(s *State, stage *Stage, marks map[Mark]time.Time, now time.Time) time.Time {
	ends := now
	for i := range stage.Limits {
		limit := &stage.Limits[i]
		from, passed := s.counted(limit, marks, now)
		if stage.Poll != nil && limit.From == stage.Key+".opened" {
			from, passed = latest(now, s.opening(stage, now)), true
		}
		if !passed || limit.Until != "" {
			continue
		}
		if d, ok := due(s, limit, from); ok {
			ends = latest(ends, d.At)
		}
	}
	if stage.Wait != nil {
		ends = latest(ends, s.ends(stage.Wait, now, marks))
	}
	return ends
}

// onward is where a stage leads when all goes well.
func onward(stage *Stage) string {
	for _, action := range []ActionName{ActionApprove, ActionFinish} {
		if to := stage.Actions[action]; len(to) > 0 {
			return to[0]
		}
	}
	if stage.Next == "" {
		return Closed
	}
	return stage.Next
}

// Progress is the stages as the matter last entered and left them, in that order; late where it was later than the plan.
func Progress(s State, plan []Span, now time.Time) []Span {
	var spans []Span
	for i := range s.Spec.Procedure.Stages {
		key := s.Spec.Procedure.Stages[i].Key
		from, entered := s.Marks[key+".entered"]
		if !entered {
			continue
		}
		span := Span{Stage: key, From: from}
		if to := s.Marks[key+".done"]; !to.Before(from) && s.Stage != key {
			span.To = to
		} else if s.Stage != key { // left without being done
			span.To = s.leftAt(from)
		}
		ends := span.To
		if ends.IsZero() {
			ends = now
		}
		at := slices.IndexFunc(plan, func(p Span) bool { return p.Stage == key })
		span.Late = at >= 0 && plan[at].To.After(plan[at].From) && ends.After(plan[at].To)
		spans = append(spans, span)
	}
	slices.SortStableFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	return spans
}

// leftAt is when a stage entered at an instant was left: as the next one was entered, or the matter ended.
func (s *State) leftAt(from time.Time) time.Time {
	left := s.Closed
	for i := range s.Spec.Procedure.Stages {
		at := s.Marks[s.Spec.Procedure.Stages[i].Key+".entered"]
		if at.After(from) && (left.IsZero() || at.Before(left)) {
			left = at
		}
	}
	return latest(left, from)
}
