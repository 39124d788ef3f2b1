package api

import (
	"context"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/store"
)

// ListIncidents lists what is or was stuck.
func (s *Server) ListIncidents(ctx context.Context, r ListIncidentsRequestObject) (ListIncidentsResponseObject, error) {
	if err := require(identity.MayWatch(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	before, err := readCursor(r.Params.Cursor, func(id int64) bool { return id > 0 })
	if err != nil {
		return nil, err
	}
	var f store.IncidentFilter
	open := r.Params.State == "" || r.Params.State == ListIncidentsParamsStateOpen
	if r.Params.State != ListIncidentsParamsStateAll {
		f.Open = &open
	}
	size := pageSize(r.Params.Limit)
	found, err := s.store.Incidents(ctx, f, orEmpty(before), size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, func(i store.Incident) int64 { return i.ID })
	if err != nil {
		return nil, err
	}
	counts, err := s.store.OpenIncidents(ctx)
	if err != nil {
		return nil, err
	}
	items, err := s.incidents(ctx, found)
	return ListIncidents200JSONResponse{Items: items, Next: next, Counts: counts}, err
}

func (s *Server) incidents(ctx context.Context, found []store.Incident) ([]Incident, error) {
	items := []Incident{}
	for _, i := range found {
		args := s.words.args(i.Details)
		args["subject"], args["attempts"] = i.Subject, i.Attempts
		if name, ok := i.Details["activity"].(string); ok {
			args["activity"] = activityTitle(name)
		}
		if of, ok := i.Details["of"].(string); ok {
			code, _ := i.Details["code"].(string)
			args["reason"] = s.words.unopenedBy(of, code, i.Details)
		}
		if i.Kind == store.IncidentBegin {
			s.refusedBeginning(args, i.Details)
		}
		item := Incident{ID: i.ID, Kind: i.Kind, Title: operate("incident."+i.Kind, nil), Sentence: operate("incident."+i.Kind+".hint", args),
			Matter: i.Matter, MatterTitle: i.Title, Began: i.Began, Opened: i.Opened, Seen: i.Seen, Closed: i.Closed, Attempts: i.Attempts,
			Raw: i.Fault}
		if i.Hidden {
			item.MatterTitle = operate("draft", nil)
		}
		switch i.Kind {
		case store.IncidentMail:
			fault, code, _ := strings.Cut(i.Fault, " ")
			item.Fault = strings.TrimSpace(operate("mail-fault."+fault, nil) + " " + code)
		case store.IncidentActivity:
			item.Fault = faultText(i.Details["type"])
		case store.IncidentTask:
			item.Fault = faultText(i.Details["cause"])
		}
		if next, ok := i.Details["next"].(string); ok {
			if at, err := time.Parse(time.RFC3339, next); err == nil {
				item.Next = at
			}
		}
		to := i.Closed
		if !to.IsZero() {
			to = to.Add(time.Minute)
		}
		object := i.Matter
		if i.Kind == store.IncidentMail {
			object = mailObject
		}
		var err error
		if item.Done, err = s.done(ctx, object, i.Began, to); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// refusedBeginning names what was to begin by itself, when, and why it did not.
func (s *Server) refusedBeginning(args, details map[string]any) {
	text := func(key string) string {
		value, _ := details[key].(string)
		return value
	}
	args["title"] = s.words.procedureTitle(text("rulebook"), text("procedure"))
	if day, err := calendar.ParseDate(text("day")); err == nil {
		args["day"] = civilDay(day.At(0))
	}
	why, _ := details["args"].(map[string]any)
	args["reason"] = message.Text("errors."+text("code"), s.words.args(why))
}

// doneMost bounds how many repairs are told of one matter.
const doneMost = 20

// done tells from the audit what was done to a matter, or to mail.
func (s *Server) done(ctx context.Context, object string, from, to time.Time) ([]Done, error) {
	list := []Done{}
	if object == "" {
		return list, nil
	}
	found, err := s.store.AuditTrail(ctx, store.AuditFilter{Object: object, Action: repaired, From: from, To: to}, 0, doneMost)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		reason, _ := e.Details["reason"].(string)
		repair, _ := e.Details["repair"].(string)
		by, _ := e.Details["name"].(string)
		outcome := operate("outcome.done", nil)
		if e.Outcome != "done" {
			outcome = message.Text("errors."+e.Outcome, nil)
		}
		list = append(list, Done{At: e.At, By: PersonRef{ID: e.Person, Name: by}, Title: operate("repair."+repair, nil), Reason: reason, Outcome: outcome})
	}
	return list, nil
}
