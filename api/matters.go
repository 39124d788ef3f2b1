package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// ListMatters lists matters the caller may see.
func (s *Server) ListMatters(ctx context.Context, r ListMattersRequestObject) (ListMattersResponseObject, error) {
	who, p := callerOf(ctx), r.Params
	after, err := readCursor(p.Cursor, func(c store.MatterCursor) bool { return isUUID(c.ID) })
	if err != nil {
		return nil, err
	}
	filter, err := s.matterFilter(who, p)
	if err != nil {
		return nil, err
	}
	switch p.Relation {
	case ListMattersParamsRelationStarted:
		filter.Involved = &store.Involved{Kind: store.InvolvedStarted, Person: who.Person}
	case ListMattersParamsRelationDone:
		filter.Involved = &store.Involved{Kind: store.InvolvedActed, Person: who.Person}
	case ListMattersParamsRelationCopied:
		filter.Involved = &store.Involved{Kind: store.InvolvedCopied, Person: who.Person, Posts: who.Posts}
	}
	size := pageSize(p.Limit)
	found, err := s.store.Matters(ctx, filter, after, size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, store.MatterItem.Cursor)
	if err != nil {
		return nil, err
	}
	items := make([]MatterSummary, 0, len(found))
	for _, m := range found {
		items = append(items, s.matterSummary(m))
	}
	return ListMatters200JSONResponse{Items: items, Next: next}, nil
}

func (s *Server) matterSummary(m store.MatterItem) MatterSummary {
	summary := MatterSummary{
		ID: m.ID, Title: m.Title, Organisation: m.Organisation, Rulebook: m.Rulebook, Procedure: m.Procedure,
		ProcedureTitle: s.words.procedureTitle(m.Rulebook, m.Procedure), State: matterState(m), Stage: m.Stage,
		StageTitle: s.words.stageTitle(m.Rulebook, m.Procedure, m.Stage), Colour: colour(m.Colour), Due: m.Due, Unit: m.Unit,
		UnitName: s.words.unit(m.Unit), Starter: PersonRef{ID: m.Starter, Name: m.StarterName}, Holders: []MatterSummary_Holders{},
		Started: m.Started, Closed: m.Closed, Owner: m.Owner, OwnerName: s.words.unit(m.Owner), Leader: m.Leader,
	}
	if !m.Term.IsZero() {
		summary.Term = m.Term.String()
	}
	for _, post := range m.Holders {
		summary.Holders = append(summary.Holders, MatterSummary_Holders{Post: string(post), Title: s.words.post(post)})
	}
	return summary
}

// GetMatter gives one matter whole.
func (s *Server) GetMatter(ctx context.Context, r GetMatterRequestObject) (GetMatterResponseObject, error) {
	m, tag, err := s.matter(ctx, callerOf(ctx), r.Matter)
	if err != nil {
		return nil, err
	}
	return GetMatter200JSONResponse{Body: m, Headers: GetMatter200ResponseHeaders{ETag: tag}}, nil
}

func (s *Server) matter(ctx context.Context, who caller, id string) (m Matter, etag string, err error) {
	row, err := s.sees(ctx, who, id)
	if err != nil {
		return Matter{}, "", err
	}
	m, err = s.matterView(ctx, who, row)
	return m, `"` + strconv.FormatInt(row.Seq, 10) + `"`, err
}

// CreateMatter starts a matter.
func (s *Server) CreateMatter(ctx context.Context, r CreateMatterRequestObject) (CreateMatterResponseObject, error) {
	who := callerOf(ctx)
	hash, err := bodyHash("start", "", r.Body)
	if err != nil {
		return nil, err
	}
	entry, err := s.accept(ctx, who, r.Params.IdempotencyKey, hash, func() (store.Entry, error) {
		return s.begin(ctx, who, r.Params.IdempotencyKey, hash, r.Body)
	})
	if err != nil {
		return nil, err
	}
	entry, err = s.carry(ctx, entry)
	if err != nil {
		return nil, err
	}
	if entry.State == store.EntryOpen {
		return CreateMatter202JSONResponse{s.accepted(entry)}, nil
	}
	m, tag, err := s.matter(ctx, who, entry.Matter)
	if err != nil {
		return nil, err
	}
	return CreateMatter201JSONResponse{Body: m,
		Headers: CreateMatter201ResponseHeaders{ETag: tag, Location: "/api/v1/matters/" + entry.Matter}}, nil
}

// accept puts a command into the journal by ask, which gives the entry its key has already. A repeated command is answered
// by the journal whatever would be said of it now: the window may have closed since, the stage be left. So before it is
// refused, and only then, the journal is asked.
func (s *Server) accept(ctx context.Context, who caller, key, hash string, ask func() (store.Entry, error)) (store.Entry, error) {
	entry, refusal := ask()
	if refusal == nil || errors.Is(refusal, store.ErrKeyReused) {
		return entry, refusal
	}
	entry, err := s.store.Entry(ctx, key)
	switch {
	case isNotFound(err):
		return entry, refusal
	case err == nil && (entry.Person != who.Person || entry.BodyHash != hash):
		return entry, store.ErrKeyReused
	}
	return entry, err
}

// begin opens a matter's specification and accepts its start.
func (s *Server) begin(ctx context.Context, who caller, key, hash string, body *NewMatter) (store.Entry, error) {
	if (body.Pace > 1 || body.Begins != "") && !s.Rehearse {
		return store.Entry{}, &fault{code: "rehearsal-off"}
	}
	if err := unclassified(body.Title, body.Form); err != nil {
		return store.Entry{}, err
	}
	p, ok := s.library().Procedure(body.Rulebook, body.Procedure)
	if !ok {
		return store.Entry{}, &procedure.Refusal{Code: "unknown-procedure"}
	}
	unit, err := s.startingUnit(who, p, body.Unit)
	if err != nil {
		return store.Entry{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return store.Entry{}, err
	}
	if err := errors.Join(s.attached(ctx, who, body.Form), s.proposed(ctx, p, body.Form)); err != nil {
		return store.Entry{}, err
	}
	table, err := s.calendar(ctx)
	if err != nil {
		return store.Entry{}, err
	}
	now := s.now().UTC()
	clock, at, err := rehearsalClock(body.Pace, body.Begins, now)
	if err != nil {
		return store.Entry{}, err
	}
	spec, err := s.library().Open(rulebook.Request{Matter: id.String(), Rulebook: body.Rulebook, Procedure: body.Procedure,
		Title: strings.TrimSpace(body.Title), Form: body.Form, Unit: unit, Starter: who.Actor.Actor, At: at,
		Clock: clock, Calendar: table})
	if err != nil {
		return store.Entry{}, err
	}
	command := procedure.Command{Key: key, Action: procedure.ActionStart, Actor: who.Actor.Actor, Submit: body.Submit}
	entry, _, err := s.store.Accept(ctx, store.Entry{Key: key, Person: who.Person, Matter: spec.Matter, Kind: store.KindStart,
		Command: command, Spec: &spec, BodyHash: hash})
	return entry, err
}

// startingUnit is the unit a matter is started for: the one named, or the only one it can be.
func (s *Server) startingUnit(who caller, p *procedure.Procedure, named string) (string, error) {
	units := s.startingUnits(who, p)
	switch {
	case named != "":
		if err := s.library().MayStart(p.Rulebook, p.Key, named, who.Actor.Actor); err != nil {
			return "", err
		}
		return named, nil
	case len(units) == 0:
		return "", &procedure.Refusal{Code: "not-a-starter", Authority: p.Authority, Args: map[string]any{"procedure": p.Title}}
	case len(units) > 1:
		return "", &fault{code: "unit-required"}
	}
	return units[0], nil
}

// startingUnits are the caller's units for which the caller may start the procedure.
func (s *Server) startingUnits(who caller, p *procedure.Procedure) []string {
	var units []string
	for _, unit := range who.Units {
		if s.library().MayStart(p.Rulebook, p.Key, unit, who.Actor.Actor) == nil {
			units = append(units, unit)
		}
	}
	return units
}

// ActOnMatter carries an action to a matter.
func (s *Server) ActOnMatter(ctx context.Context, r ActOnMatterRequestObject) (ActOnMatterResponseObject, error) {
	who, body := callerOf(ctx), r.Body
	row, err := s.sees(ctx, who, r.Matter)
	if err != nil {
		return nil, err
	}
	if err := require(identity.MayAct(who.Actor, facts(row))); err != nil {
		return nil, err
	}
	hash, err := bodyHash("act", r.Matter, body)
	if err != nil {
		return nil, err
	}
	entry, err := s.accept(ctx, who, r.Params.IdempotencyKey, hash, func() (store.Entry, error) {
		return s.ask(ctx, who, row, r.Params, hash, body)
	})
	if err != nil {
		return nil, err
	}
	entry, err = s.carry(ctx, entry)
	if err != nil {
		return nil, s.meanwhile(ctx, row, seen(r.Params.IfMatch), err)
	}
	if entry.State == store.EntryOpen {
		return ActOnMatter202JSONResponse{s.accepted(entry)}, nil
	}
	m, tag, err := s.matter(ctx, who, row.ID)
	if err != nil {
		return nil, err
	}
	return ActOnMatter200JSONResponse{Body: m, Headers: ActOnMatter200ResponseHeaders{ETag: tag}}, nil
}

// ask checks what came with an action and accepts it.
func (s *Server) ask(ctx context.Context, who caller, row store.MatterRow, params ActOnMatterParams, hash string, body *Action) (store.Entry, error) {
	if err := unclassified(body.Opinion, body.Fields); err != nil {
		return store.Entry{}, err
	}
	if faults := s.library().CheckFields(&row.Spec.Procedure, filled(body.Fields)); len(faults) > 0 {
		return store.Entry{}, &procedure.Refusal{Code: "bad-form", Args: map[string]any{"fields": faults}, Input: true}
	}
	if err := errors.Join(s.attached(ctx, who, body.Fields), s.proposed(ctx, &row.Spec.Procedure, filled(body.Fields))); err != nil {
		return store.Entry{}, err
	}
	posts := make([]procedure.Post, 0, len(body.Posts)+1)
	for _, post := range body.Posts {
		posts = append(posts, procedure.Post(post))
	}
	for _, post := range append(posts, procedure.Post(body.Post)) {
		if post != "" && !s.words.knows(post) {
			return store.Entry{}, &procedure.Refusal{Code: "post-unknown", Args: map[string]any{"post": string(post)}, Input: true}
		}
	}
	command := procedure.Command{Key: params.IdempotencyKey, Action: procedure.ActionName(body.Action), Actor: who.Actor.Actor,
		Assignment: body.Assignment, Opinion: strings.TrimSpace(body.Opinion), To: body.To, Post: procedure.Post(body.Post), Posts: posts,
		Fields: body.Fields, Slip: body.Slip, Days: body.Days, Expect: seen(params.IfMatch)}
	if command.Expect > 0 && command.Expect < row.State.EnteredSeq {
		return store.Entry{}, s.meanwhile(ctx, row, command.Expect, &procedure.Refusal{Code: "changed-meanwhile"})
	}
	entry, _, err := s.store.Accept(ctx, store.Entry{Key: command.Key, Person: who.Person, Matter: row.ID, Kind: store.KindAct,
		Command: command, BodyHash: hash})
	return entry, err
}

// filled are the fields that are given a value; null empties a field.
func filled(fields Form) Form {
	some := Form{}
	for name, value := range fields {
		if strings.TrimSpace(string(value)) != "null" {
			some[name] = value
		}
	}
	return some
}

// seen reads the sequence from If-Match; zero where there is none.
func seen(etag string) int64 {
	seq, err := strconv.ParseInt(strings.Trim(etag, `"`), 10, 64)
	if err != nil {
		return 0
	}
	return seq
}

// carry takes an accepted command to its outcome, waiting no longer than a person would. An entry still open is the
// sweeper's; one refused is an error.
func (s *Server) carry(ctx context.Context, entry store.Entry) (store.Entry, error) {
	if entry.State == store.EntryOpen {
		bounded, cancel := context.WithTimeout(ctx, waitMost)
		defer cancel()
		carried, err := s.Carry(bounded, entry)
		switch {
		case errors.Is(err, engine.ErrBusy), errors.Is(err, engine.ErrGone), errors.Is(err, store.ErrUnavailable),
			errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil, away(ctx):
			return entry, nil // accepted it is, and will be carried out
		case err != nil:
			return entry, err
		}
		entry = carried
	}
	if entry.State == store.EntryRefused {
		return entry, entry.Refusal
	}
	return entry, nil
}

// meanwhile adds to a refusal for what changed meanwhile what did, and to any other which matter's it is.
func (s *Server) meanwhile(ctx context.Context, row store.MatterRow, since int64, err error) error {
	var refusal *procedure.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if refusal.Code != "changed-meanwhile" {
		return &within{refusal, &row.Spec.Procedure}
	}
	events, _, err := s.story(ctx, row, since, meanwhileMost)
	if err != nil {
		return err
	}
	return &fault{code: refusal.Code, events: slices.DeleteFunc(events, func(e StoryEvent) bool { return e.Minor })}
}

// meanwhileMost bounds how much of what happened meanwhile is told.
const meanwhileMost = 50

func (s *Server) accepted(e store.Entry) AcceptedJSONResponse {
	return AcceptedJSONResponse{Body: s.command(e), Headers: AcceptedResponseHeaders{Location: "/api/v1/commands/" + e.Key}}
}

func (s *Server) command(e store.Entry) CommandStatus {
	return CommandStatus{Key: e.Key, Matter: e.Matter, Action: ActionCode(e.Command.Action), State: CommandStatusState(e.State), At: e.At,
		First: e.First, Last: e.Last, Refusal: s.refusal("", e.Refusal)}
}

// GetCommand says what became of one of the caller's commands.
func (s *Server) GetCommand(ctx context.Context, r GetCommandRequestObject) (GetCommandResponseObject, error) {
	entry, err := s.store.Entry(ctx, r.Key)
	if err == nil && entry.Person != callerOf(ctx).Person {
		err = store.ErrNotFound
	}
	return GetCommand200JSONResponse(s.command(entry)), err
}

// bodyHash tells one request from another under the same key.
func bodyHash(kind, matter string, body any) (string, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat([]byte(kind+"\n"+matter+"\n"), data))
	return hex.EncodeToString(sum[:]), nil
}

// marking is how a classified document is marked: its grade, a star, its term.
var marking = regexp.MustCompile(`(绝密|机密|秘密)\s*★`)

// unclassified refuses what is marked as classified: this system must not hold it.
func unclassified(text string, form Form) error {
	if marking.MatchString(text) {
		return &fault{code: "classified"}
	}
	for _, value := range form {
		if marking.Match(value) {
			return &fault{code: "classified"}
		}
	}
	return nil
}
