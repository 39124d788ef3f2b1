package faults

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// commands looks for every attempt in the journal and in the events: what was acknowledged is there once, what was refused
// is not.
func (a *Auditor) commands(ctx context.Context) error {
	type headed struct {
		Action string
		Matter string
		Person bool
	}
	heads := map[string][]headed{}
	rows, err := a.db.Query(ctx, `SELECT body->>'key' AS key, matter::text, body->>'type' AS type, COALESCE(body->'data'->>'action', '') AS action,
		body->'by' IS NOT NULL AS person FROM event WHERE body->>'key' <> '' ORDER BY matter, seq`)
	if err != nil {
		return err
	}
	var key, matter, kind, action string
	var person bool
	if _, err := pgx.ForEachRow(rows, []any{&key, &matter, &kind, &action, &person}, func() error {
		if kind == "started" {
			action = "start"
		}
		heads[key] = append(heads[key], headed{action, matter, person})
		return nil
	}); err != nil {
		return err
	}
	a.journal = map[string]string{}
	rows, err = a.db.Query(ctx, `SELECT j.key, j.state, j.matter::text, person.login FROM journal j JOIN person ON person.id::text = j.person`)
	if err != nil {
		return err
	}
	var state, login string
	if _, err := pgx.ForEachRow(rows, []any{&key, &state, &matter, &login}, func() error {
		a.journal[key] = state
		if asked := a.attempts[key]; asked == nil {
			a.find("the journal has %s of %s, which nobody asked", key, matter)
		} else if asked.Login != login {
			a.find("the journal has %s for %s, whom %s is not", key, login, asked.Login)
		}
		return nil
	}); err != nil {
		return err
	}
	for key, asked := range a.attempts {
		a.tally(asked)
		state := a.journal[key]
		first := slices.DeleteFunc(slices.Clone(heads[key]), func(h headed) bool { return !h.Person })
		switch asked.Outcome {
		case Done:
			switch {
			case state != "done":
				a.find("%s was acknowledged, and the journal says %q", key, state)
			case len(first) != 1:
				a.find("%s (%s by %s) was acknowledged and happened %d times", key, asked.Action, asked.Login, len(first))
			case first[0].Matter != asked.Matter, first[0].Action != "" && first[0].Action != asked.Action:
				a.find("%s asked %s of %s, and %s happened to %s", key, asked.Action, asked.Matter, first[0].Action, first[0].Matter)
			}
		case Refused:
			if len(heads[key]) > 0 {
				a.find("%s was refused (%s) and happened: %+v; told %v", key, asked.Code, heads[key], asked.Told)
			}
			if state != "" && state != "refused" {
				a.find("%s was refused (%s), and the journal says %q", key, asked.Code, state)
			}
		case Unknown:
			switch wanted := map[bool]int{true: 1}[state == "done"]; {
			case !asked.Left:
				a.find("%s (%s by %s) was never answered: %v", key, asked.Action, asked.Login, asked.Told)
			case len(first) != wanted:
				a.find("%s (%s by %s), whose client left, happened %d times, and the journal says %q", key, asked.Action, asked.Login, len(first), state)
			}
		}
	}
	for key, found := range heads {
		if a.attempts[key] == nil {
			a.find("%s happened (%+v) and nobody asked for it", key, found)
		}
	}
	return nil
}

func (a *Auditor) tally(asked *Attempt) {
	s := &a.Summary
	s.Attempts++
	switch asked.Outcome {
	case Done:
		s.Done++
	case Refused:
		s.Refused++
	case Unknown:
	}
	if asked.Left {
		s.Left++
	}
	if slices.Contains(asked.Told, "202") {
		s.Accepted++
	}
	if asked.Outcome != Unknown && len(asked.Told) > 0 && !strings.HasPrefix(asked.Told[0], "2") && !strings.HasPrefix(asked.Told[0], "4") {
		s.Retried++
	}
}
