package bench

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"duban/internal/client"
)

const users = 200 // who open their to-do pages at once

// crowd compares the to-do pages of many users at once, each of a post of their own as far as there are posts, with the
// bare handler: every user asks, all answers are waited for, and all ask again.
func (b *bench) crowd(ctx context.Context, pool *pgxpool.Pool) error {
	var listings []listing
	var own []*client.Client
	for _, at := range slices.Sorted(maps.Keys(b.cast.logins)) {
		if at.Unit() == "system" || len(listings) == users {
			continue
		}
		session, err := b.session(ctx, at)
		if err != nil {
			return err
		}
		listings, own = append(listings, b.toDo(at)), append(own, session)
	}
	base, stop, err := b.serve(ctx, pool, listings)
	if err != nil {
		return err
	}
	defer stop()
	plain := client.New(base, b.transport)
	var bareAll, ownAll []time.Duration
	for round := range b.Rounds + 1 {
		length := b.Slice
		if round == 0 {
			length = warmUp
		}
		one, err := atOnce(ctx, length, func(ctx context.Context, user int) error {
			return fetch(ctx, plain, fmt.Sprint("/", user%len(listings)))
		})
		if err != nil {
			return err
		}
		other, err := atOnce(ctx, length, func(ctx context.Context, user int) error {
			at := user % len(listings)
			return fetch(ctx, own[at], listings[at].path)
		})
		if err != nil {
			return err
		}
		if round > 0 {
			bareAll, ownAll = append(bareAll, one...), append(ownAll, other...)
		}
	}
	p, q := percentiles(bareAll, 50, 99), percentiles(ownAll, 50, 99)
	b.say("\n%d users of %d posts, whose requests for their to-do pages come at once: bare p50 %.0f ms, p99 %.0f ms; duban p50 %.0f ms, p99 %.0f ms; p99 %.2f times the bare handler's",
		users, len(listings), milliseconds(p[0]), milliseconds(p[1]), milliseconds(q[0]), milliseconds(q[1]), float64(q[1])/float64(cmp.Or(p[1], 1)))
	return nil
}

func fetch(ctx context.Context, c *client.Client, path string) error {
	var body []byte
	_, err := c.Do(ctx, http.MethodGet, path, "", nil, &body)
	return err
}
