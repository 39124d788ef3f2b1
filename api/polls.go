package api

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"duban/internal/identity"
	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/internal/store"
)

// pollCursor is a round's place in a list.
type pollCursor struct {
	Opens time.Time `json:"o"`
	ID    string    `json:"i"`
}

// units are the units of a person's posts.
func units(posts []procedure.Post) []string {
	out := []string{}
	for _, post := range posts {
		if unit := post.Unit(); !slices.Contains(out, unit) {
			out = append(out, unit)
		}
	}
	return out
}

func (s *Server) pollFilter(who caller) store.RoundFilter {
	return store.RoundFilter{Units: units(who.Posts), Sight: who.sight()}
}

// ListPolls lists votes of the caller's units and of matters they may see.
func (s *Server) ListPolls(ctx context.Context, r ListPollsRequestObject) (ListPollsResponseObject, error) {
	who := callerOf(ctx)
	at, err := readCursor(r.Params.Cursor, func(c pollCursor) bool { return c.ID != "" })
	if err != nil {
		return nil, err
	}
	filter := s.pollFilter(who)
	filter.Matter = r.Params.Matter
	var before *store.RoundItem
	if at != nil {
		before = &store.RoundItem{Round: poll.Round{ID: at.ID, Opens: at.Opens}}
	}
	size := pageSize(r.Params.Limit)
	found, err := s.store.Rounds(ctx, filter, before, size+1)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, size, func(i store.RoundItem) pollCursor { return pollCursor{i.Opens, i.ID} })
	if err != nil {
		return nil, err
	}
	items := []PollSummary{}
	for _, item := range found {
		summary, _, err := s.pollSummary(ctx, who, item)
		if err != nil {
			return nil, err
		}
		items = append(items, summary)
	}
	return ListPolls200JSONResponse{Items: items, Next: next}, nil
}

// pollSummary tells a vote and its turnout. voted are the units that have voted.
func (s *Server) pollSummary(ctx context.Context, who caller, item store.RoundItem) (p PollSummary, voted []string, err error) {
	turnout, err := s.store.Turnout(ctx, item.ID)
	if err != nil {
		return p, nil, err
	}
	p = PollSummary{ID: item.ID, Matter: item.Matter, Title: item.Title, Opens: item.Opens, Closes: item.Closes, Counts: item.Counts, Units: len(item.Units),
		Rehearsal: item.Rehearsal, State: PollSummaryState(item.State), Mine: []PollVoter{}}
	for _, d := range item.Districts {
		p.Eligible += d.Eligible
	}
	for _, t := range turnout {
		if t.Class == poll.ClassUnit {
			voted = append(voted, t.Part)
			continue
		}
		p.PublicVoted += t.Ballots
	}
	p.UnitsVoted = len(voted)
	posts, err := s.store.VotingPosts(ctx, item.Matter, item.Stage, who.Posts)
	if err != nil {
		return p, nil, err
	}
	mine := units(who.Posts)
	for _, u := range item.Units {
		if slices.Contains(mine, u.ID) {
			own := append([]string{}, item.Own(u.ID)...)
			may := slices.ContainsFunc(posts, func(post procedure.Post) bool { return post.Unit() == u.ID })
			p.Mine = append(p.Mine, PollVoter{Unit: u.ID, UnitName: u.Name, Own: own, Voted: slices.Contains(voted, u.ID), MayVote: may})
		}
	}
	return p, voted, nil
}

// poll finds a vote the caller may see.
func (s *Server) poll(ctx context.Context, who caller, id string) (store.RoundItem, error) {
	filter := s.pollFilter(who)
	filter.ID = id
	found, err := s.store.Rounds(ctx, filter, nil, 1)
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.RoundItem{}, err
	}
	return found[0], nil
}

// GetPoll tells a vote; its result only when it is counted.
func (s *Server) GetPoll(ctx context.Context, r GetPollRequestObject) (GetPollResponseObject, error) {
	who := callerOf(ctx)
	item, err := s.poll(ctx, who, r.Poll)
	if err != nil {
		return nil, err
	}
	summary, voted, err := s.pollSummary(ctx, who, item)
	if err != nil {
		return nil, err
	}
	_, overseen, err := s.oversees(ctx, who, item)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	p := Poll{Summary: summary, Overseen: overseen, Source: item.Source, Least: item.Choices.Min, Most: item.Choices.Max, Winners: item.Winners,
		Secret: item.Promises.Secret, Options: []PollOption{}, Voters: []PollTurnout{}}
	for _, u := range item.Units {
		names[u.ID] = u.Name
		p.Voters = append(p.Voters, PollTurnout{Unit: u.ID, UnitName: u.Name, Voted: slices.Contains(voted, u.ID)})
	}
	for _, o := range item.Options {
		option := PollOption{ID: o.ID, Number: o.Number, Title: o.Title, Owners: []string{}}
		for _, unit := range o.Units {
			name := names[unit]
			if name == "" {
				name = s.words.unit(unit)
			}
			option.Owners = append(option.Owners, name)
		}
		p.Options = append(p.Options, option)
	}
	if item.Counted {
		result, err := s.store.RoundResult(ctx, item.ID)
		if err != nil {
			return nil, err
		}
		p.Result = pollResult(result)
	}
	return GetPoll200JSONResponse(p), nil
}

func pollResult(result poll.Result) PollResult {
	out := PollResult{Rows: []PollRow{}, Winners: result.Winners, Ties: []PollTie{}, Exclusions: []PollExclusion{}}
	for _, row := range result.Rows {
		out.Rows = append(out.Rows, PollRow{Option: row.Option, Unit: row.Unit, Public: row.Public, Score: row.Score, Place: row.Place, Wins: row.Wins})
	}
	for _, tie := range result.Ties {
		out.Ties = append(out.Ties, PollTie{In: PollTieIn(tie.In), Place: tie.Place, Rule: PollTieRule(tie.Rule), Groups: tie.Groups})
	}
	for _, e := range result.Exclusions {
		out.Exclusions = append(out.Exclusions, PollExclusion{ID: e.ID, Reason: e.Reason, At: e.At, Ballots: e.Ballots})
	}
	return out
}

// CastBallot casts a unit's ballot by the post that votes for it. The same request sent again is the same ballot.
func (s *Server) CastBallot(ctx context.Context, r CastBallotRequestObject) (CastBallotResponseObject, error) {
	who := callerOf(ctx)
	item, err := s.poll(ctx, who, r.Poll)
	if err != nil {
		return nil, err
	}
	posts, err := s.store.VotingPosts(ctx, item.Matter, item.Stage, who.Posts)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(posts, func(post procedure.Post) bool { return post.Unit() == r.Body.Unit }) {
		return nil, &fault{code: "not-your-ballot"}
	}
	key, err := s.Voters.Key(item.ID)
	if errors.Is(err, identity.ErrForgotten) {
		return nil, s.ballotRefused(item.Round, &poll.Refusal{Code: poll.CodeLate})
	}
	if err != nil {
		return nil, err
	}
	v := store.Vote{Tag: key.Tag("unit", r.Body.Unit), KeyCheck: key.Check(), Class: poll.ClassUnit, Unit: r.Body.Unit, Choices: r.Body.Choices}
	if v.Receipt, err = key.Receipt(v.Tag, r.Params.IdempotencyKey, v.Choices...); err != nil {
		return nil, err
	}
	out, err := s.box.Cast(ctx, item.ID, v)
	if err != nil {
		return nil, err
	}
	if out.Refused != nil {
		return nil, s.ballotRefused(item.Round, out.Refused)
	}
	s.tellVoted(ctx, item.Round, posts, r.Body.Unit)
	return CastBallot201JSONResponse{Receipt: poll.ShowReceipt(v.Receipt), Leaf: out.Leaf + 1, Replaced: out.Replaced}, nil
}

// tellVoted tells the matter that a unit has voted, and nothing of how. If that fails the matter asks by itself.
func (s *Server) tellVoted(ctx context.Context, r poll.Round, posts []procedure.Post, unit string) {
	if s.Voted == nil {
		return
	}
	vote := procedure.Vote{Round: r.ID, Unit: unit}
	for _, post := range posts {
		if post.Unit() == unit {
			vote.Post = post
		}
	}
	if err := s.Voted(ctx, r.Matter, vote); err != nil {
		s.log.WarnContext(ctx, "A matter was not told that a unit has voted", slog.String("round", r.ID), slog.Any("error", err))
	}
}

// ballotRefused says why a ballot is refused, in the round's words.
func (s *Server) ballotRefused(r poll.Round, refused *poll.Refusal) *fault {
	option, _ := r.Option(refused.Option)
	return &fault{code: string(refused.Code), args: map[string]any{"least": r.Choices.Min, "most": r.Choices.Max, "option": option.Title,
		"opens": civil(r.Opens), "closes": civil(r.Closes)}}
}

// oversees says whether the caller oversees a vote's organisation, and that.
func (s *Server) oversees(ctx context.Context, who caller, item store.RoundItem) (organisation string, may bool, err error) {
	row, err := s.sees(ctx, who, item.Matter)
	if errors.Is(err, store.ErrNotFound) { // voting for it is no reason to see the matter
		return "", false, nil
	}
	return row.Organisation, err == nil && identity.MayOversee(who.Actor, facts(row)).Allowed, err
}

// overseen finds a vote whose organisation the caller oversees, and gives that too.
func (s *Server) overseen(ctx context.Context, who caller, id string) (item store.RoundItem, organisation string, err error) {
	item, err = s.poll(ctx, who, id)
	if err != nil {
		return item, "", err
	}
	organisation, may, err := s.oversees(ctx, who, item)
	if err == nil && !may {
		err = &fault{code: identity.CodeNotOverseer}
	}
	return item, organisation, err
}

// overseer is the post by which the caller oversees an organisation: it answers for what is decided, and is published with it.
func (s *Server) overseer(ctx context.Context, who caller, organisation string) (string, error) {
	posts, err := s.store.PostsOf(ctx, who.Person, s.now())
	for _, p := range posts {
		if p.Oversees && p.Organisation == organisation {
			return string(p.Post), nil
		}
	}
	return "", err
}

// ListAnomalies tells what many ballots of the public have in common; for whom they are nobody is told.
func (s *Server) ListAnomalies(ctx context.Context, r ListAnomaliesRequestObject) (ListAnomaliesResponseObject, error) {
	item, _, err := s.overseen(ctx, callerOf(ctx), r.Poll)
	if err != nil {
		return nil, err
	}
	least := r.Params.Least
	if least == 0 {
		least = 20
	}
	found, err := s.store.Anomalies(ctx, item.ID, store.AnomalyKind(r.Params.Kind), least, 200)
	if err != nil {
		return nil, err
	}
	excluded, err := s.store.Exclusions(ctx, item.ID)
	if err != nil {
		return nil, err
	}
	list := AnomalyList{Items: []Anomaly{}, Exclusions: []PollExclusion{}}
	for _, a := range found {
		list.Items = append(list.Items, Anomaly{Kind: AnomalyKind(a.Kind), Tag: a.Tag, Ballots: a.Ballots, First: a.First, Last: a.Last})
	}
	for _, e := range excluded {
		list.Exclusions = append(list.Exclusions, PollExclusion{ID: e.ID, Reason: e.Reason, At: e.At, Ballots: e.Ballots})
	}
	return ListAnomalies200JSONResponse(list), nil
}

// ExcludeBallots leaves ballots out of the count by the caller's decision.
func (s *Server) ExcludeBallots(ctx context.Context, r ExcludeBallotsRequestObject) (ExcludeBallotsResponseObject, error) {
	who := callerOf(ctx)
	item, organisation, err := s.overseen(ctx, who, r.Poll)
	if err != nil {
		return nil, err
	}
	post, err := s.overseer(ctx, who, organisation)
	if err != nil {
		return nil, err
	}
	e, err := s.store.ExcludeBallots(ctx, item.ID, store.Exclusion{Kind: store.AnomalyKind(r.Body.Kind), Tag: r.Body.Tag, Reason: r.Body.Reason,
		Post: post, Person: who.Person}, who.address)
	switch {
	case errors.Is(err, store.ErrRoundCounted):
		return nil, &fault{code: "poll-closed"}
	case errors.Is(err, store.ErrNotFound):
		return nil, &fault{code: "nothing-to-exclude"}
	case err != nil:
		return nil, err
	}
	s.announce(ctx)
	return ExcludeBallots201JSONResponse{ID: e.ID, Reason: e.Reason, At: e.At, Ballots: e.Ballots}, nil
}
