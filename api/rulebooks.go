package api

import (
	"cmp"
	"context"
	"strings"

	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// ListRulebooks lists the rulebooks in force: rules are everybody's to read.
func (s *Server) ListRulebooks(context.Context, ListRulebooksRequestObject) (ListRulebooksResponseObject, error) {
	items := []RulebookSummary{}
	for _, book := range s.library().Rulebooks() {
		summary := RulebookSummary{Key: book.Key, Title: book.Title, Organisation: book.Organisation, Extends: book.Extends,
			Version: book.Version, Procedures: []RulebookSummary_Procedures{}}
		for _, key := range book.Order {
			summary.Procedures = append(summary.Procedures, RulebookSummary_Procedures{Key: key, Title: book.Procedures[key].Title})
		}
		items = append(items, summary)
	}
	return ListRulebooks200JSONResponse{Items: items}, nil
}

// GetRulebook gives a rulebook whole.
func (s *Server) GetRulebook(_ context.Context, r GetRulebookRequestObject) (GetRulebookResponseObject, error) {
	book, ok := s.library().Rulebook(r.Rulebook)
	if !ok {
		return nil, store.ErrNotFound
	}
	shown := Rulebook{Key: book.Key, Title: book.Title, Organisation: book.Organisation, Extends: book.Extends, Version: book.Version,
		Procedures: []ProcedureView{}}
	for _, key := range book.Order {
		shown.Procedures = append(shown.Procedures, s.procedureView(book, book.Procedures[key]))
	}
	return GetRulebook200JSONResponse(shown), nil
}

func (s *Server) procedureView(book *rulebook.Rulebook, p *procedure.Procedure) ProcedureView {
	shown := ProcedureView{Rulebook: p.Rulebook, Key: p.Key, Title: p.Title, Authority: s.words.authority(book.Key, p.Authority), Intake: s.intake(book.Key, p.Intake),
		First: p.First, Stages: []StageRule{}, Limits: s.limitRules(book.Key, p, "", p.Limits)}
	for i := range p.Stages {
		def := &p.Stages[i]
		stage := StageRule{Key: def.Key, Title: cmp.Or(def.Title, def.Key), Kind: string(def.Kind), Mode: StageRuleMode(def.Mode),
			Authority: s.words.authority(book.Key, def.Authority), Who: roleNames(def.Who), Leads: []StageRule_Leads{},
			KindTitle: message.Text("rulebook.kind."+string(def.Kind), nil), Does: s.does(p, def),
			Limits: s.limitRules(book.Key, p, def.Key, def.Limits)}
		if len(def.Who) > 0 {
			stage.WhoTitle = s.words.roleList(p, def.Who)
		}
		for _, lead := range leads(def) {
			stage.Leads = append(stage.Leads, StageRule_Leads{Action: ActionCode(lead.action), Label: def.Labels[lead.action], To: lead.to})
		}
		shown.Stages = append(shown.Stages, stage)
	}
	return shown
}

// does says what a stage does that needs nobody; empty of a task.
func (s *Server) does(p *procedure.Procedure, def *procedure.Stage) string {
	switch {
	case def.Issue != nil:
		title := def.Issue.Slip
		if kind, ok := p.Slip(def.Issue.Slip); ok {
			title = kind.Title
		}
		return say("rule.issue", map[string]any{"slip": title, "to": s.words.roleList(p, def.Issue.To)})
	case def.Start != nil:
		return say("rule.start", map[string]any{"procedure": s.words.procedureTitle(cmp.Or(def.Start.Rulebook, p.Rulebook), def.Start.Procedure)})
	case def.Collect != nil:
		start := p.StartOf(def)
		return say("rule.collect", map[string]any{"procedure": s.words.procedureTitle(cmp.Or(start.Rulebook, p.Rulebook), start.Procedure)})
	case def.Gate != nil:
		return def.Gate.Reason
	case def.Enact != nil:
		return say("rule.enact", nil)
	case def.Wait == nil:
		return ""
	case def.Wait.For != nil:
		return say("rule.wait-for", map[string]any{"term": def.Wait.For.Chinese()})
	case def.Wait.Before != "":
		return say("rule.wait-before", map[string]any{"limit": spanningTitle(p, def.Wait.Before), "term": def.Wait.Term.Chinese()})
	case def.Wait.Field != "":
		return say("rule.wait-field", map[string]any{"field": fieldTitle(p.Form, def.Wait.Field)})
	case def.Wait.Link != "":
		return say("rule.wait-link", nil)
	}
	if strings.Contains(def.Wait.On, "-") {
		return say("rule.wait-yearly", map[string]any{"days": daysOfTheYear(def.Wait.On)})
	}
	return say("rule.wait-monthly", map[string]any{"day": def.Wait.On})
}

// spanningTitle names a limit of the procedure.
func spanningTitle(p *procedure.Procedure, key string) string {
	for i := range p.Limits {
		if p.Limits[i].Key == key {
			return limitTitle(p, procedure.RunningLimit{}, p.Limits[i])
		}
	}
	return key
}

func (s *Server) intake(book string, in *procedure.Intake) IntakeRule {
	if in == nil {
		return IntakeRule{}
	}
	return IntakeRule{Opens: in.Opens, Closes: in.Closes, Authority: s.words.authority(book, in.Authority)}
}

func (s *Server) limitRules(book string, p *procedure.Procedure, stage string, limits []procedure.Limit) []LimitRule {
	rules := []LimitRule{}
	for i := range limits {
		l := &limits[i]
		running := procedure.RunningLimit{LimitStarted: procedure.LimitStarted{Key: l.Key, Stage: stage}}
		rule := LimitRule{Key: l.Key, Title: limitTitle(p, running, *l), Authority: s.words.authority(book, l.Authority), Term: term(p, l),
			From: l.From, Until: l.Until, Alarms: []AlarmRule{}}
		for _, a := range l.Alarms {
			when, to := alarmWhen(a), roleNames(a.To)
			slip := a.Slip
			if kind, ok := p.Slip(a.Slip); ok {
				slip = kind.Title
			}
			rule.Alarms = append(rule.Alarms, AlarmRule{When: when, Do: AlarmRuleDo(a.Do), To: to,
				Sentence:  say("alarm."+string(a.Do), map[string]any{"when": when, "to": s.words.roleList(p, a.To), "slip": slip}),
				Authority: s.words.authority(book, a.Authority)})
		}
		rules = append(rules, rule)
	}
	return rules
}

func roleNames(roles []procedure.Role) []string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	return names
}

// ListStartable lists the procedures the caller may start.
func (s *Server) ListStartable(ctx context.Context, _ ListStartableRequestObject) (ListStartableResponseObject, error) {
	who := callerOf(ctx)
	items := []Startable{}
	for _, book := range s.library().Rulebooks() {
		for _, key := range book.Order {
			p := book.Procedures[key]
			if units := s.startingUnits(who, p); len(units) > 0 {
				items = append(items, s.startable(book, p, units))
			}
		}
	}
	return ListStartable200JSONResponse{Items: items}, nil
}

func (s *Server) startable(book *rulebook.Rulebook, p *procedure.Procedure, units []string) Startable {
	item := Startable{Rulebook: book.Key, RulebookTitle: book.Title, Procedure: p.Key, Title: p.Title,
		Authority: s.words.authority(book.Key, p.Authority), Form: p.Form, Units: s.units(units), Open: true,
		Intake: s.intake(book.Key, p.Intake)}
	if len(item.Form) == 0 {
		item.Form = JSONSchema("{}")
	}
	if first, ok := p.Stage(p.First); ok {
		item.Fields, item.Needs = first.Fields, first.Needs
	}
	if closed := rulebook.IntakeClosed(p, s.now()); closed != nil {
		item.Open, item.Closed = false, s.refusal(book.Key, closed)
	}
	return item
}
