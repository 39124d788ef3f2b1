package engine

import (
	"context"
	"errors"
	"maps"
	"slices"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows"
)

// word is a signal that came to a matter.
type word struct {
	name string
	said any
}

// unread takes from an event of a dead run's history the signal it may never have taken. Of those it has taken, the matter
// takes none again; but of a year's special days it would, and those are on the record.
func unread(words []word, event *historypb.HistoryEvent) []word {
	came := event.GetWorkflowExecutionSignaledEventAttributes()
	payloads := came.GetInput().GetPayloads()
	if len(payloads) == 0 || came.GetSignalName() == workflows.SignalCalendar {
		return words
	}
	return append(words, word{came.GetSignalName(), converter.NewRawValue(payloads[0])})
}

// missed is what others know and the matter, as it stands, was never told: whoever had word for it while nothing ran it took
// it for over. Who brings word records afterwards why, so where the record has nothing yet their own history is looked at.
func (e *Engine) missed(ctx context.Context, st *store.Store, row store.MatterRow) (words []word, err error) {
	for _, link := range row.State.Links {
		if link.Ended {
			continue
		}
		child, err := st.Matter(ctx, link.Matter, nil)
		if errors.Is(err, store.ErrNotFound) { // it never began
			continue
		}
		if err != nil {
			return nil, err
		}
		if child.State.Stage == procedure.Closed && child.Spec.Parent != nil {
			words = append(words, word{workflows.SignalLinked, procedure.Ending(&child.State)})
			continue
		}
		sent, err := e.sent(ctx, link.Matter, row.ID, workflows.SignalLinked)
		if err != nil {
			return nil, err
		}
		words = append(words, sent...)
	}
	lapse, err := lapsed(ctx, st, row)
	if err != nil {
		return nil, err
	}
	switch {
	case lapse != nil:
		words = append(words, word{workflows.SignalLapse, *lapse})
	case row.Spec.Parent != nil && row.State.Stage != procedure.Closed:
		sent, err := e.sent(ctx, row.Spec.Parent.Matter, row.ID, workflows.SignalLapse)
		if err != nil {
			return nil, err
		}
		words = append(words, sent...)
	}
	years, err := st.CalendarYears(ctx)
	if err != nil {
		return nil, err
	}
	for _, y := range unplanned(&row.State, years) {
		words = append(words, word{workflows.SignalCalendar, y})
	}
	return words, nil
}

// sent is the word one matter lately had for another, whether it came to it or not.
func (e *Engine) sent(ctx context.Context, from, to, name string) (words []word, err error) {
	err = e.backwards(ctx, from, "", func(event *historypb.HistoryEvent) bool {
		sent := event.GetSignalExternalWorkflowExecutionInitiatedEventAttributes()
		if sent.GetSignalName() == name && sent.GetWorkflowExecution().GetWorkflowId() == workflows.WorkflowID(to) {
			words = append(words, word{name, converter.NewRawValue(sent.GetInput().GetPayloads()[0])})
		}
		return len(words) == 0
	})
	if err = classify(err); errors.Is(err, ErrGone) { // it never began, or closed long ago
		err = nil
	}
	return words, err
}

// lapsed is the collection the matter came too late for and does not know of; nil: none.
func lapsed(ctx context.Context, st *store.Store, row store.MatterRow) (*procedure.Lapse, error) {
	if row.Spec.Parent == nil || row.State.Stage == procedure.Closed {
		return nil, nil
	}
	parent, err := st.Matter(ctx, row.Spec.Parent.Matter, nil)
	if err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	before, closing, err := st.Before(ctx, parent, func(e procedure.Event) bool {
		switch b := e.Body.(type) {
		case procedure.Gathered:
			return slices.Contains(b.Late, row.ID)
		case procedure.Lapsed:
			return slices.Contains(b.Late, row.ID)
		}
		return false
	})
	if err != nil {
		if errors.Is(err, store.ErrNotFound) { // it is not late
			err = nil
		}
		return nil, err
	}
	return new(procedure.TooLateFor(&before, closing.At)), nil
}

// unplanned are the imported years that a matter with terms not settled yet has otherwise.
func unplanned(s *procedure.State, years []store.CalendarYear) (news []procedure.CalendarYear) {
	if !slices.ContainsFunc(s.Limits, func(l procedure.RunningLimit) bool { return l.Due.Provisional }) {
		return nil
	}
	for _, y := range years {
		has := s.Calendar.Table
		with := has.With(y.Year.Year, y.Off, y.Work)
		if y.Year.Year < s.Spec.At.Year() || same(has, with) {
			continue
		}
		news = append(news, procedure.CalendarYear{Year: y.Year.Year, Off: y.Off, Work: y.Work})
	}
	return news
}

func same(a, b calendar.Table) bool {
	return slices.Equal(a.Years, b.Years) && maps.Equal(a.Off, b.Off) && maps.Equal(a.Work, b.Work)
}

// tell sends a matter words, in order.
func (e *Engine) tell(ctx context.Context, matter string, words []word) error {
	for _, w := range words {
		if err := e.client.SignalWorkflow(ctx, workflows.WorkflowID(matter), "", w.name, w.said); err != nil {
			return classify(err)
		}
	}
	return nil
}
