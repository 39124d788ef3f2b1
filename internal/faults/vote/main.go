// Command vote holds a vote on the duban of a data folder, for the tests in a browser: it opens one of a matter, in which
// Zhangdian's clerk votes for Zhangdian, with invented ballots of the public from one address, closes it, and counts it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"duban/internal/app"
	"duban/internal/identity"
	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/internal/store"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: vote open|close|count DATA MATTER")

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errUsage
	}
	data, matter := args[1], args[2]
	at, err := app.ReadEndpoints(app.Config{Data: data})
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, at.DatabaseURL)
	if err != nil {
		return err
	}
	defer s.Close()
	id := matter + ".vote.1"
	switch args[0] {
	case "open":
		err = open(ctx, s, identity.NewVoterKeys(filepath.Join(data, "polls")), id, matter)
	case "close":
		err = closing(ctx, s, id)
	case "count":
		err = count(ctx, s, id)
	default:
		return errUsage
	}
	if err == nil {
		fmt.Println("done", id)
	}
	return err
}

// open opens the vote and casts thirty invented ballots.
func open(ctx context.Context, s *store.Store, keys *identity.VoterKeys, id, matter string) error {
	opens := time.Now().UTC().Truncate(time.Microsecond)
	r := poll.Round{ID: id, Matter: matter, Stage: "vote", Title: "2026年下半年创新改革经验推广推介评选：区县、部门和公众投票评选", Source: "001 art. 14(1)",
		Choices: poll.Choices{Min: 1, Max: 3}, Opens: opens, Closes: opens.Add(time.Hour), Counts: opens.Add(2 * time.Hour), Winners: 2, Formula: "0.5 * unit + 0.5 * public",
		Units:     []poll.Unit{{ID: "zhangdian", Name: "张店区"}, {ID: "boshan", Name: "博山区"}, {ID: "stb", Name: "市科技局"}},
		Districts: []poll.District{{ID: "zhangdian", Name: "张店区", Eligible: 610_000}, {ID: "boshan", Name: "博山区", Eligible: 320_000}},
		PublicCap: 0.8, Order: poll.OrderPublic, Ties: []poll.Rule{poll.RulePublic, poll.RuleUnit, poll.RuleEarlier, poll.RuleDraw},
		Promises: poll.Promises{Secret: true, Hidden: true}, Objections: 30}
	for i, title := range []string{"工程建设项目“拿地即开工”", "科研仪器先用后付", "政务服务“一窗受理、并联审批”", "社区矛盾联调", "村级事务“码上公开”"} {
		r.Options = append(r.Options, poll.Option{ID: "option-" + strconv.Itoa(i+1), Number: i + 1, Title: title, Units: []string{}, Recommended: opens})
	}
	r.Options[2].ID, r.Options[2].Units = matter, []string{"zhangdian"}
	var err error
	if r.Draw, err = s.CommitDraw(ctx, id); err != nil {
		return err
	}
	if err := s.PutRound(ctx, r); err != nil {
		return err
	}
	if _, err := s.Pool().Exec(ctx, `INSERT INTO assignment (matter, id, post, unit, duty, stage, slip, how, waits, claimed, opened, ended, yellow_at, red_at)
		VALUES ($1, 9000, 'zhangdian/clerk', 'zhangdian', $2, 'vote', 0, '', false, '', now(), '', 'infinity', 'infinity')`, matter, procedure.DutyVote); err != nil {
		return err
	}
	key, err := keys.Key(id)
	if err != nil {
		return err
	}
	votes := make([]store.Vote, 30)
	for i := range votes {
		number := fmt.Sprintf("139000%05d", i)
		v := store.Vote{Tag: key.Tag("mobile", number), KeyCheck: key.Check(), Class: poll.ClassPublic, District: "boshan",
			Choices: []string{r.Options[i%2].ID, r.Options[3+i%2].ID}, Address: key.Trace("address", "invented"), Segment: key.Trace("segment", number[:7])}
		if v.Receipt, err = key.Receipt(v.Tag, number); err != nil {
			return err
		}
		votes[i] = v
	}
	outcomes, err := s.CastBallots(ctx, &r, votes)
	for _, o := range outcomes {
		if o.Refused != nil {
			return o.Refused
		}
	}
	return err
}

// closing moves the vote's end to now, and closes it.
func closing(ctx context.Context, s *store.Store, id string) error {
	if err := move(ctx, s, id, func(r *poll.Round, now time.Time) { r.Closes = now }); err != nil {
		return err
	}
	_, err := s.CloseRound(ctx, id)
	return err
}

// count moves the vote's counting to now, and counts it.
func count(ctx context.Context, s *store.Store, id string) error {
	if err := move(ctx, s, id, func(r *poll.Round, now time.Time) { r.Counts = now }); err != nil {
		return err
	}
	_, err := s.CountRound(ctx, id)
	return err
}

// move makes one of the vote's instants another.
func move(ctx context.Context, s *store.Store, id string, how func(*poll.Round, time.Time)) error {
	item, err := s.Round(ctx, id)
	if err != nil {
		return err
	}
	how(&item.Round, time.Now().UTC().Truncate(time.Microsecond))
	definition, err := poll.WriteJSON(item.Round)
	if err != nil {
		return err
	}
	_, err = s.Pool().Exec(ctx, `UPDATE poll_round SET closes = $2, counts = $3, definition = $4 WHERE id = $1`, id, item.Closes, item.Counts, string(definition))
	return err
}
