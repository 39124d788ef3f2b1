package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"sync"
	"time"

	"duban/api"
	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/public"
	"duban/internal/rehearsal"
)

const (
	// haste is how many times as fast as the dozen matters the half-year is played.
	haste = 4
	// hasteMost is a day in a second: seventy people cannot do with less.
	hasteMost = 86_400
	// halfYear is how many days of the matters' clock the promotion and its roll-out take.
	halfYear = 180
	// voters is how many invented people of the public vote: one address is not sent more codes at once.
	voters = 24
)

// performance is the demonstration being played.
type performance struct {
	*Platform
	to       io.Writer
	password string
}

func (p *performance) say(key string, args map[string]any) {
	fmt.Fprintln(p.to, message.Text("operate."+key, args))
}

// failed says why something was not played to its end, unless the platform was stopped.
func (p *performance) failed(title string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		p.say("rehearsal-failed", map[string]any{"title": title, "reason": err})
	}
}

// Rehearsal plays the demonstration through the platform's own HTTP interface, and says how it went: a dozen matters, and
// once they are played, so that nobody waits for it, a half-year of the promotion.
func (p *Platform) Rehearsal(to io.Writer) Service {
	return p.loop("rehearsal", func(ctx context.Context) {
		show := &performance{Platform: p, to: to}
		var known bool
		var err error
		if show.password, known, err = samplePassword(p.Data); err != nil || !known {
			show.say("rehearsal-failed", map[string]any{"title": "sample-password", "reason": err})
			return
		}
		show.failed("plays.yaml", show.dozen(ctx))
		show.failed("cycle.yaml", show.halfYear(ctx))
	}, nil)
}

// dozen plays the matters a newcomer looks at first.
func (p *performance) dozen(ctx context.Context) error {
	plays, err := rehearsal.Plays()
	if err != nil {
		return err
	}
	stage := &rehearsal.Stage{URL: p.Address(), Password: p.password, Pace: p.DemoPace}
	p.say("rehearsal-begins", map[string]any{"count": len(plays), "seconds": stage.Day().Seconds()})
	// Half a day between beginnings is three seconds at the usual pace: a newcomer can follow.
	stage.PerformAll(ctx, plays, stage.Day()/2, func(done rehearsal.Play, _ string, err error) {
		if p.failed(done.Title, err); err == nil {
			p.say("rehearsal-played", map[string]any{"title": done.Title})
		}
	})
	return ctx.Err()
}

// halfYear plays the promotion from its call to the acceptance of its roll-out, the public's vote included.
func (p *performance) halfYear(ctx context.Context) error {
	cycle, err := rehearsal.PromotionCycle()
	if err != nil {
		return err
	}
	stage := &rehearsal.Stage{URL: p.Address(), Password: p.password, Pace: min(haste*p.DemoPace, hasteMost)}
	ctx, stop := context.WithTimeout(ctx, 2*halfYear*stage.Day()+5*time.Minute) // it ends by itself, whoever does nothing
	defer stop()
	var crowd sync.WaitGroup
	defer crowd.Wait()
	troupe := &rehearsal.Troupe{Stage: stage, Logins: rehearsal.Logins(p.Rules.Library()), Answers: cycle.Answers, Plays: "practice",
		Public: func(_ context.Context, round api.Poll) error {
			crowd.Go(func() { p.public(ctx, round) })
			return nil
		}}
	if err := troupe.Gather(ctx); err != nil {
		return err
	}
	where := map[string]any{"title": cycle.Begin.Title, "address": p.base(), "seconds": stage.Day().Seconds(),
		"minutes": math.Ceil(halfYear * stage.Day().Minutes())}
	err = troupe.HalfYear(ctx, cycle.Begin, "office.director", func(matter string) {
		where["matter"] = matter
		p.say("cycle-begins", where)
	})
	switch {
	case err == nil:
		p.say("cycle-played", where)
	case errors.Is(err, context.Canceled): // the platform was stopped
	case errors.Is(err, rehearsal.ErrBehind):
		p.say("cycle-behind", where)
		p.Logger.Debug("The half-year was not played to its end", "error", err)
	default:
		return err
	}
	return nil
}

// public lets invented people vote on the public pages. Nothing is sent to anybody: with a gateway or single sign-on set, they
// stay away.
func (p *performance) public(ctx context.Context, round api.Poll) {
	if p.SMS.URL != "" || p.OIDC.Issuer != "" {
		return
	}
	p.say("cycle-voting", map[string]any{"count": voters, "address": p.base(), "round": round.Summary.ID})
	keys := identity.NewVoterKeys(filepath.Join(p.Data, "polls"))
	citizens := &rehearsal.Citizens{URL: p.Address(), Code: func(_ context.Context, round, number, token string) (string, error) {
		key, err := keys.Key(round)
		return public.Code(key, number, token), err // as the log shows it
	}}
	p.failed(round.Summary.Title, citizens.Vote(ctx, round, voters))
}
