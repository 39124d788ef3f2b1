package api

import (
	"context"
	"slices"

	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/procedure"
)

// ListHistory gives the workflow's own history, to who may read the matter.
func (s *Server) ListHistory(ctx context.Context, r ListHistoryRequestObject) (ListHistoryResponseObject, error) {
	row, err := s.watched(ctx, r.Matter)
	if err != nil {
		return nil, err
	}
	if err := require(identity.MayReadHistory(callerOf(ctx).Actor, facts(row))); err != nil {
		return nil, err
	}
	if s.Engine == nil {
		return nil, &fault{code: "workflow-unavailable"}
	}
	after, err := readCursor(r.Params.Cursor, func(c historyCursor) bool { return c.ID > 0 })
	if err != nil {
		return nil, err
	}
	found, err := s.Engine.History(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(e engine.HistoryEvent) bool {
		return r.Params.Kind != "" && e.Kind != engine.HistoryKind(r.Params.Kind) || r.Params.Failed && e.Failure == nil
	})
	slices.Reverse(found)
	total := len(found)
	if after != nil {
		at := slices.IndexFunc(found, func(e engine.HistoryEvent) bool { return e.Run == after.Run && e.ID <= after.ID })
		if at < 0 {
			return nil, &fault{code: "bad-cursor"}
		}
		if found[at].ID == after.ID {
			at++
		}
		found = found[at:]
	}
	size := pageSize(r.Params.Limit)
	found, next, err := page(found, size, func(e engine.HistoryEvent) historyCursor { return historyCursor{e.Run, e.ID} })
	if err != nil {
		return nil, err
	}
	answer := ListHistory200JSONResponse{Items: []HistoryItem{}, Next: next, Total: total}
	for _, e := range found {
		answer.Items = append(answer.Items, historyItem(e))
	}
	return answer, nil
}

type historyCursor struct {
	Run string
	ID  int64
}

func historyItem(e engine.HistoryEvent) HistoryItem {
	item := HistoryItem{Run: e.Run, ID: e.ID, At: e.At, Kind: HistoryKind(e.Kind), Type: e.Type, Title: e.Type, Name: e.Name, Data: e.Data,
		Failure: failureView(e.Failure, "")}
	if key := "operations.history." + e.Type; message.Has(key) {
		item.Title = message.Text(key, nil)
	}
	switch {
	case e.Action != "" && message.Has("actions."+e.Action):
		item.NameTitle = actionText(procedure.ActionName(e.Action))
	case message.Has("operations." + string(e.Kind) + "." + e.Name):
		item.NameTitle = operate(string(e.Kind)+"."+e.Name, nil)
	}
	return item
}
