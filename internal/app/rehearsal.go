package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"duban/internal/message"
	"duban/internal/rehearsal"
)

// Rehearsal plays the demonstration's matters through the platform's own HTTP interface, and says how each went.
func (p *Platform) Rehearsal(to io.Writer) Service {
	say := func(key string, args map[string]any) { fmt.Fprintln(to, message.Text("operate."+key, args)) }
	return p.loop("rehearsal", func(ctx context.Context) {
		plays, err := rehearsal.Plays()
		if err != nil {
			say("rehearsal-failed", map[string]any{"title": "plays.yaml", "reason": err})
			return
		}
		password, known, err := samplePassword(p.Data)
		if err != nil || !known {
			say("rehearsal-failed", map[string]any{"title": "sample-password", "reason": err})
			return
		}
		stage := &rehearsal.Stage{URL: p.Address(), Password: password, Pace: p.DemoPace}
		say("rehearsal-begins", map[string]any{"count": len(plays), "seconds": stage.Day().Seconds()})
		// Half a day between beginnings is three seconds at the usual pace: a newcomer can follow.
		stage.PerformAll(ctx, plays, stage.Day()/2, func(done rehearsal.Play, _ string, err error) {
			switch {
			case errors.Is(err, context.Canceled):
			case err != nil:
				say("rehearsal-failed", map[string]any{"title": done.Title, "reason": err})
			default:
				say("rehearsal-played", map[string]any{"title": done.Title})
			}
		})
	}, nil)
}
