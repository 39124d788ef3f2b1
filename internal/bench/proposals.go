package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	sdk "go.temporal.io/sdk/client"

	"duban/api"
	"duban/internal/calendar"
	"duban/internal/client"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows"
)

var discard = slog.New(slog.DiscardHandler)

// rung is one way of carrying out a proposal. Each adds a layer to the one before, so the differences between them say
// where the rest goes.
type rung struct {
	name string
	does string
	play func(ctx context.Context, client int, call timed) (workflow string, err error)
}

const (
	warmUp  = 3 * time.Second
	samples = 20 // workflows whose history is looked at
)

// proposals compares duban's proposals with bare workflows.
func (b *bench) proposals(ctx context.Context) error {
	bareClient, bareWorker, err := b.quiet(ctx)
	if err != nil {
		return err
	}
	defer bareClient.Close()
	defer bareWorker.Stop()
	sessions, err := b.sessions(ctx)
	if err != nil {
		return err
	}
	rungs := b.ladder(bareClient, sessions)
	total, finished := make([]load, len(rungs)), make([][]string, len(rungs))
	for round := range b.Rounds + 1 {
		length := b.Slice
		if round == 0 {
			length = warmUp
		}
		for i, r := range rungs {
			var mu sync.Mutex
			l, err := closed(ctx, b.Clients, length, func() cpu { return b.usage(ctx) }, func(ctx context.Context, client int, call timed) error {
				id, err := r.play(ctx, client, call)
				if err == nil {
					mu.Lock()
					finished[i] = append(finished[i], id)
					mu.Unlock()
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("bench: %s: %w", r.name, err)
			}
			if round > 0 {
				total[i] = total[i].with(l)
			}
		}
	}
	b.say("Proposals: start and first action, then four actions; %d clients, %d slices of %s each in turns", b.Clients, b.Rounds, b.Slice)
	b.say("%-10s %12s %10s %8s %8s %8s %8s %8s %7s %9s  %s", "", "proposals/s", "actions/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "DB ms",
		"events", "bytes", "")
	for i, r := range rungs {
		l := total[i]
		events, bytes, err := history(ctx, bareClient, finished[i])
		if err != nil {
			return err
		}
		p := percentiles(l.latencies, 50, 95, 99)
		n := float64(len(l.latencies)) / updates
		b.say("%-10s %12.1f %10.1f %8.1f %8.1f %8.1f %8.1f %8.1f %7.1f %9.0f  %s", r.name, l.rate()/updates, l.rate(), milliseconds(p[0]),
			milliseconds(p[1]), milliseconds(p[2]), milliseconds(l.cpu.process)/n, milliseconds(l.cpu.database)/n, events, bytes, r.does)
	}
	first, last := total[0], total[len(total)-1]
	b.say("b/a: %.2f by proposals/s; %.2f by processor time of a proposal", last.rate()/first.rate(), first.each()/last.each())
	return nil
}

// each is the processor time of one call.
func (l load) each() float64 {
	return float64(l.cpu.process+l.cpu.database) / float64(max(1, len(l.latencies)))
}

// ladder are the ways from a bare workflow to duban's own.
func (b *bench) ladder(bareClient sdk.Client, sessions map[procedure.Post]*client.Client) []rung {
	return []rung{
		{"a bare", "a workflow of the same shape", func(ctx context.Context, _ int, call timed) (string, error) {
			id := "bench/" + client.Key()
			return id, playBare(ctx, bareClient, id, call)
		}},
		{"  machine", "duban's workflow: the machine decides", func(ctx context.Context, client int, call timed) (string, error) {
			return b.playCommands(ctx, client, call, func(e store.Entry) error {
				var err error
				if e.Kind == store.KindStart {
					_, err = b.Engine.Start(ctx, *e.Spec, e.Command)
				} else {
					_, err = b.Engine.Act(ctx, e.Matter, e.Command)
				}
				return err
			})
		}},
		{"  record", "and the journal and the record", func(ctx context.Context, client int, call timed) (string, error) {
			return b.playCommands(ctx, client, call, func(e store.Entry) error {
				accepted, _, err := b.Store.Accept(ctx, e)
				if err == nil {
					_, err = b.Engine.Carry(ctx, b.Store, accepted)
				}
				return err
			})
		}},
		{"b duban", "and HTTP: session, policy, the matter as JSON", func(ctx context.Context, client int, call timed) (string, error) {
			return b.playRequests(ctx, b.proposal(client), sessions, call)
		}},
	}
}

// playCommands carries a proposal's commands out without HTTP.
func (b *bench) playCommands(ctx context.Context, client int, call timed, carry func(store.Entry) error) (string, error) {
	p := b.proposal(client)
	var spec procedure.Spec
	err := call(func() (err error) {
		if spec, err = b.spec(p, b.pace()); err != nil {
			return err
		}
		c := b.start(p, true)
		return carry(store.Entry{Key: c.Key, Person: c.Actor.Person, Matter: spec.Matter, Kind: store.KindStart, Command: c, Spec: &spec})
	})
	if err != nil {
		return "", err
	}
	for _, s := range p.steps {
		c := b.approve(s)
		err := call(func() error {
			return carry(store.Entry{Key: c.Key, Person: c.Actor.Person, Matter: spec.Matter, Kind: store.KindAct, Command: c})
		})
		if err != nil {
			return "", err
		}
	}
	return workflows.WorkflowID(spec.Matter), nil
}

// pace is the clock of the load's matters, which begins now.
func (b *bench) pace() procedure.Clock {
	day, _ := calendar.ParseDate(begins) // a constant
	return clockAt(time.Now(), day.At(calendar.Hours{}.OrDefault().Opens), pace)
}

// playRequests carries a proposal out as its people do.
func (b *bench) playRequests(ctx context.Context, p proposal, sessions map[procedure.Post]*client.Client, call timed) (string, error) {
	var matter struct{ ID string }
	err := call(func() error {
		return settled(ctx, sessions[post(p.unit, "clerk")], "/api/v1/matters",
			api.NewMatter{Rulebook: book, Procedure: kind, Title: p.title, Form: p.form, Submit: true, Pace: pace, Begins: begins}, &matter)
	})
	if err != nil {
		return "", err
	}
	for _, s := range p.steps {
		err := call(func() error {
			return settled(ctx, sessions[s.by], "/api/v1/matters/"+matter.ID+"/actions", api.Action{Action: api.ActionNameApprove, Fields: s.fields}, nil)
		})
		if err != nil {
			return "", err
		}
	}
	return workflows.WorkflowID(matter.ID), nil
}

// settled posts a command and, where the answer is that it is accepted only, waits for what becomes of it.
func settled(ctx context.Context, c *client.Client, path string, body, out any) error {
	key := client.Key()
	status, err := c.Do(ctx, http.MethodPost, path, key, body, out)
	if err == nil && status == http.StatusAccepted {
		_, err = c.Settled(ctx, key)
	}
	return err
}

// sessions logs in everybody who acts.
func (b *bench) sessions(ctx context.Context) (map[procedure.Post]*client.Client, error) {
	sessions := map[procedure.Post]*client.Client{}
	for i := range b.Clients {
		p := b.proposal(i)
		acting := []procedure.Post{post(p.unit, "clerk")}
		for _, s := range p.steps {
			acting = append(acting, s.by)
		}
		for _, at := range acting {
			if sessions[at] != nil {
				continue
			}
			session, err := b.session(ctx, at)
			if err != nil {
				return nil, err
			}
			sessions[at] = session
		}
	}
	return sessions, nil
}

func (b *bench) session(ctx context.Context, at procedure.Post) (*client.Client, error) {
	c := client.New(b.URL, b.transport)
	if err := c.LogIn(ctx, b.cast.logins[at], b.Password); err != nil {
		return nil, fmt.Errorf("bench: %s logging in: %w", at, err)
	}
	return c, nil
}

// history is the events and bytes of a finished proposal's history, on average.
func history(ctx context.Context, c sdk.Client, finished []string) (events, bytes float64, err error) {
	finished = finished[max(0, len(finished)-samples):]
	for _, id := range finished {
		found, err := c.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return 0, 0, err
		}
		events += float64(found.GetWorkflowExecutionInfo().GetHistoryLength())
		bytes += float64(found.GetWorkflowExecutionInfo().GetHistorySizeBytes())
	}
	n := float64(max(1, len(finished)))
	return events / n, bytes / n, nil
}
