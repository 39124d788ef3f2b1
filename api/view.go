package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
)

// upcomingMost bounds how far ahead a matter says what the clock will do.
const upcomingMost = 20

// matterView is a matter as one person sees it.
func (s *Server) matterView(ctx context.Context, who caller, row store.MatterRow) (Matter, error) {
	now := row.Spec.Clock.Virtual(s.now())
	v := view{s: s, who: who, row: row, state: &row.State, p: &row.Spec.Procedure, now: now}
	if err := v.learn(ctx); err != nil {
		return Matter{}, err
	}
	p := v.p
	m := Matter{
		ID: row.ID, Sequence: row.Seq, Title: row.Title, Organisation: row.Organisation, Rulebook: row.Rulebook,
		RulebookTitle: s.words.rulebookTitle(row.Rulebook), RulebookVersion: row.Version, Procedure: p.Key, ProcedureTitle: p.Title,
		Authority: s.words.authority(row.Rulebook, p.Authority), State: matterState(row.MatterItem), Stage: row.State.Stage,
		StageTitle: stageTitle(p, row.State.Stage), Colour: colour(row.Colour), Unit: row.Unit, UnitName: v.unit(row.Unit),
		Starter: PersonRef{ID: row.Starter, Name: row.StarterName}, Started: row.Started, Closed: row.Closed, Now: now,
		Pace: row.Spec.Clock.Factor, Form: row.State.Form, FormSchema: p.Form, Fields: []string{}, Needs: []string{},
		Parties: v.parties(), Stages: v.stages(), Assignments: v.assignments(), Limits: v.limits(), Held: v.held(),
		Next: v.next(), IfNobodyActs: v.ahead(), Offers: v.offers(), Slips: v.slips(), Links: v.links(), Draws: v.draws(), Copied: v.posts(row.State.Copied),
	}
	if m.Form == nil {
		m.Form = Form{}
	}
	if len(m.FormSchema) == 0 {
		m.FormSchema = JSONSchema("{}")
	}
	if stage, ok := p.Stage(row.State.Stage); ok {
		m.Needs = list(stage.Needs)
		if slices.ContainsFunc(m.Offers, func(o Offer) bool {
			return o.Refusal.Code == "" && (o.Action == ActionNameFill || o.Action == ActionNameApprove)
		}) {
			m.Fields = list(procedure.FieldsOf(row.State, who.Actor.Actor))
		}
	}
	var err error
	if m.Gatherings, err = s.gatherings(ctx, row); err != nil {
		return Matter{}, err
	}
	if bytes.Contains(p.Form, []byte(`"attachment"`)) { // else its form can name no file
		files, err := s.store.Attachments(ctx, row.ID)
		if err != nil {
			return Matter{}, err
		}
		for _, a := range files {
			m.Attachments = append(m.Attachments, attachmentView(a))
		}
	}
	if held := row.State.Suspended; held != nil {
		m.Suspension = &Matter_Suspension{By: v.post(held.By), Reason: held.Reason, Since: held.Since}
	}
	if parent := row.Spec.Parent; parent != nil {
		m.Parent = v.link(parent.Matter, parent.Title, parent.Link)
	}
	return m, nil
}

// view gathers what a matter's picture is made of.
type view struct {
	s       *Server
	who     caller
	row     store.MatterRow
	state   *procedure.State
	p       *procedure.Procedure
	now     time.Time
	holders map[procedure.Post][]PersonRef
	linked  map[string]store.MatterItem // those the caller may see
	issued  []store.SlipItem
}

// learn reads what the matter's own row does not tell: who holds its posts, what became of its links, its slips' numbers.
func (v *view) learn(ctx context.Context) error {
	var posts []procedure.Post
	for i := range v.p.Stages {
		posts = append(posts, v.state.Resolve(v.p.Stages[i].Who)...)
	}
	for _, a := range v.state.Assignments {
		posts = append(posts, a.Post)
	}
	if v.state.Suspended != nil {
		posts = append(posts, v.state.Suspended.By)
	}
	posts = append(posts, v.state.Copied...)
	var err error
	if v.holders, err = v.s.holders(ctx, posts); err != nil {
		return err
	}
	v.linked = map[string]store.MatterItem{}
	sight := v.who.sight()
	if len(v.state.Links) > 0 {
		related, err := v.s.store.Related(ctx, v.row.ID, sight)
		if err != nil {
			return err
		}
		for _, m := range related {
			v.linked[m.ID] = m
		}
	}
	if v.row.Parent != "" {
		parent, err := v.s.store.Matter(ctx, v.row.Parent, sight)
		if err == nil {
			v.linked[parent.ID] = parent.MatterItem
		} else if !isNotFound(err) {
			return err
		}
	}
	if len(v.state.Slips) > 0 {
		v.issued, err = v.s.store.Slips(ctx, store.SlipFilter{Matter: v.row.ID}, nil, 1000)
	}
	return err
}

// unit names a unit as it is called now; as the matter knew it where it is known no longer.
func (v *view) unit(id string) string {
	if unit, ok := v.s.words.library().Unit(id); ok {
		return unit.Name
	}
	return cmp.Or(v.row.Spec.Names[id], id)
}

func (v *view) post(p procedure.Post) PostRef {
	return PostRef{Post: string(p), Title: v.s.words.post(p), Unit: p.Unit(), UnitName: v.unit(p.Unit()), Holders: list(v.holders[p])}
}

func (v *view) posts(posts []procedure.Post) []PostRef {
	refs := make([]PostRef, 0, len(posts))
	for _, p := range posts {
		refs = append(refs, v.post(p))
	}
	return refs
}

func (v *view) parties() []Party {
	parties := []Party{}
	for key, party := range v.p.Parties {
		units := []UnitRef{}
		for _, unit := range v.state.Units(key) {
			units = append(units, UnitRef{ID: unit, Name: v.unit(unit)})
		}
		shown := Party{Key: key, Title: cmp.Or(party.Title, key), Units: units}
		if party.Map == nil && !strings.Contains(party.Field, ".") {
			shown.Field = party.Field
		}
		parties = append(parties, shown)
	}
	slices.SortFunc(parties, func(a, b Party) int { return cmp.Compare(a.Key, b.Key) })
	return parties
}

func (v *view) assignments() []MatterAssignment {
	open := []MatterAssignment{}
	for _, a := range v.state.Assignments {
		item := MatterAssignment{
			ID: a.Assignment, Stage: a.Stage, Duty: Duty(a.Duty), Post: v.post(a.Post), Waits: a.Waits, Mine: v.who.Holds(a.Post),
			Opened: a.Opened, How: ActionCode(a.How), Limit: a.Limit, Slip: slipID(v.row.ID, a.Slip),
		}
		if a.Stage != "" {
			item.StageTitle = stageTitle(v.p, a.Stage)
		}
		for _, person := range v.holders[a.Post] {
			if a.Claimed == person.ID {
				item.Claimed = person
			}
		}
		open = append(open, item)
	}
	return open
}

func (v *view) limits() []MatterLimit {
	limits := []MatterLimit{}
	for _, l := range v.state.Limits {
		rule, _ := v.state.Rule(l)
		limits = append(limits, MatterLimit{
			ID: l.Limit, Key: l.Key, Title: limitTitle(v.p, l, rule), Stage: l.Stage,
			Authority: v.s.words.authority(v.row.Rulebook, rule.Authority), From: l.Due.From, Due: l.Due.At, Term: term(v.p, &rule),
			Colour: v.limitColour(l), Provisional: l.Due.Provisional,
		})
	}
	slices.SortStableFunc(limits, func(a, b MatterLimit) int { return a.Due.Compare(b.Due) })
	return limits
}

func (v *view) limitColour(l procedure.RunningLimit) Colour {
	switch {
	case v.state.Suspended != nil && l.Slip == 0:
		return ColourGrey
	case v.now.After(l.Due.At):
		return ColourRed
	case !v.now.Before(v.state.Warn(l)):
		return ColourAmber
	}
	return ColourGreen
}

func (v *view) held() []Held {
	held := []Held{}
	for _, h := range v.state.Held {
		to := h.To
		if to.IsZero() {
			to = v.now
		}
		held = append(held, Held{Holder: h.Holder, Title: v.holderTitle(h.Holder), From: h.From, To: h.To,
			WorkingMinutes: int(v.state.Calendar.WorkingTime(h.From, to).Minutes())})
	}
	return held
}

func (v *view) holderTitle(holder string) string {
	if holder == "system" {
		return say("holder.system", nil)
	}
	if post, ok := strings.CutPrefix(holder, "suspended:"); ok {
		return say("holder.suspended", map[string]any{"post": v.s.words.post(procedure.Post(post))})
	}
	var posts []procedure.Post
	for post := range strings.SplitSeq(holder, ",") {
		posts = append(posts, procedure.Post(strings.TrimSpace(post)))
	}
	return v.s.words.postList(posts)
}

// offers is what the caller may do; nothing, for who sees the matter only as an administrator.
func (v *view) offers() []Offer {
	offers := []Offer{}
	if !identity.MayAct(v.who.Actor, facts(v.row)).Allowed {
		return offers
	}
	for _, o := range procedure.Offers(*v.state, v.who.Actor.Actor, v.now) {
		offer := Offer{
			Action: ActionName(o.Action), Label: cmp.Or(o.Label, actionText(o.Action)), Assignment: o.Assignment, Fields: o.Fields,
			Lacks: v.refusal(o.Lacks), Refusal: v.refusal(o.Refusal),
		}
		for _, a := range v.state.Assignments {
			if a.Assignment == o.Assignment && a.Duty == procedure.DutySign {
				offer.Slip = a.Slip
			}
		}
		if o.Action == procedure.ActionScore {
			offer.Values = v.card(o)
		}
		for _, stage := range o.To {
			offer.To = append(offer.To, Offer_To{Stage: stage, Title: stageTitle(v.p, stage)})
		}
		offers = append(offers, offer)
	}
	return offers
}

// card is the scorecard an offer begins with: the actor's own, or a blank one.
func (v *view) card(o procedure.Offer) Form {
	stage, ok := v.p.Stage(v.state.Stage)
	if !ok || stage.Score == nil {
		return nil
	}
	for _, post := range v.state.Resolve(stage.Who) {
		if v.who.Holds(post) {
			rows, err := json.Marshal(v.state.BlankCard(stage, post))
			if err != nil {
				return nil
			}
			return Form{stage.Score.Card: rows}
		}
	}
	return nil
}

// refusal says why not, with the form's fields by their titles.
func (v *view) refusal(r *procedure.Refusal) Refusal {
	if r == nil {
		return Refusal{}
	}
	shown := *r
	shown.Args = titled(v.p, r.Args)
	return v.s.refusal(v.row.Rulebook, &shown)
}

func (v *view) slips() []SlipSummary {
	slips := []SlipSummary{}
	for _, item := range v.issued {
		slips = append(slips, v.s.slipSummary(item))
	}
	slices.SortStableFunc(slips, func(a, b SlipSummary) int { return cmp.Compare(a.Slip, b.Slip) })
	return slips
}

func (v *view) draws() []PublicDraw {
	var draws []PublicDraw
	for _, d := range v.state.PublicDraws() {
		draw := PublicDraw{ID: d.ID, Title: d.Title, State: PublicDrawStateCommitted}
		switch {
		case d.Seed != "":
			draw.State = PublicDrawStateDrawn
		case d.Groups != nil:
			draw.State = PublicDrawStateFixed
		}
		draws = append(draws, draw)
	}
	return draws
}

func (v *view) links() []LinkedMatter {
	links := []LinkedMatter{}
	for _, l := range v.state.Links {
		link := v.link(l.Matter, l.Title, l.Link)
		switch {
		case l.Refusal != nil:
			rulebook, key, _ := v.p.Asks(l.Link)
			link.Refusal = Refusal{Code: l.Refusal.Code, Message: v.s.words.unopened(rulebook+"/"+key, l.Refusal.Code, l.Refusal.Args),
				Source: l.Refusal.Source, SourceTitle: v.s.words.article(v.row.Rulebook, l.Refusal.Source), SetBy: l.Refusal.SetBy}
		case link.State == "" && l.Ended:
			link.State = MatterState(l.Outcome)
		}
		links = append(links, link)
	}
	return links
}

// link shows another matter by what this one knows of it, and how it stands where the caller may see it.
func (v *view) link(id, title, link string) LinkedMatter {
	shown := LinkedMatter{ID: id, Title: title, Link: link}
	if m, ok := v.linked[id]; ok {
		shown.Title, shown.State, shown.Visible = m.Title, matterState(m), true
	}
	return shown
}

func facts(row store.MatterRow) identity.Facts {
	return identity.Facts{Organisation: row.Organisation, Unit: row.Unit, Units: row.Units, Draft: row.Draft}
}
