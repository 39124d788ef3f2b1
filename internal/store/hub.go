package store

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// Announcement says that a matter was folded up to a sequence, and on which posts something waits or waited that changed
// with it; or that other rules are in force; or that an administrator changed something. The zero one says that changes may
// have been missed: whoever hears it fetches again what it shows.
type Announcement struct {
	Matter string           `json:"matter"`
	Seq    int64            `json:"seq"`
	Posts  []procedure.Post `json:"posts,omitempty"`
	Rules  bool             `json:"rules,omitempty"`
	Office bool             `json:"office,omitempty"`
}

// Missed reports whether the change stands for ones not told.
func (a Announcement) Missed() bool { return a.Matter == "" && !a.Rules && !a.Office }

// AnnounceOffice announces that an administrator changed people, posts, units, the calendar or what else is no matter's.
func (s *Store) AnnounceOffice(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, notify, `{"office":true}`)
	return classify(err)
}

// Hub tells subscribers in this process what the database announces, over one connection, and its store what to forget.
type Hub struct {
	store  *Store
	config *pgx.ConnConfig
	log    *slog.Logger

	mu   sync.Mutex
	subs map[*subscriber]struct{}
}

// backlog is how many changes a subscriber may be behind before it is told only that it missed some.
const backlog = 64

// retry is how long the hub waits before it connects again.
const retry = time.Second

type subscriber struct {
	changes chan Announcement
	missed  bool // guarded by the hub
}

// NewHub makes a hub on the store's database; Run makes it listen.
func (s *Store) NewHub(log *slog.Logger) *Hub {
	config := s.config.ConnConfig.Copy()
	config.RuntimeParams["statement_timeout"] = "0"
	return &Hub{store: s, config: config, log: log, subs: map[*subscriber]struct{}{}}
}

// Subscribe gives changes from now on until cancel is called. The channel is never closed by the hub; a subscriber that
// does not keep up is not waited for: it finds a Missed change in the place of those it lost.
func (h *Hub) Subscribe() (changes <-chan Announcement, cancel func()) {
	sub := &subscriber{changes: make(chan Announcement, backlog)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[sub] = struct{}{}
	return sub.changes, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, sub)
	}
}

// Run listens until the context ends, and connects again when the connection is lost.
func (h *Hub) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := h.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		h.log.Warn("no announcements from the database", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
	}
}

func (h *Hub) listen(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, h.config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+peopleChannel+"; LISTEN "+Channel); err != nil {
		return err
	}
	h.store.hear(true)
	defer h.store.hear(false)
	h.tell(Announcement{}) // whatever came before this connection was not heard
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if n.Channel == peopleChannel {
			h.store.forgetPeople()
			continue
		}
		var change Announcement
		if err := json.Unmarshal([]byte(n.Payload), &change); err != nil {
			h.log.Warn("an announcement that is none of ours", "payload", n.Payload, "error", err)
			continue
		}
		if len(change.Posts) > 0 {
			h.store.waiting.forget(change.Posts...)
		}
		h.tell(change)
	}
}

// Reset tells every subscriber in this process to fetch again what it shows.
func (h *Hub) Reset() { h.tell(Announcement{}) }

func (h *Hub) tell(change Announcement) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		sub.tell(change)
	}
}

// tell never blocks. The last place of the backlog is kept for the word that something was missed.
func (s *subscriber) tell(change Announcement) {
	if s.missed {
		if len(s.changes) > 0 {
			return
		}
		s.missed = false // it has read that it missed some, and starts anew
	}
	if len(s.changes) == cap(s.changes)-1 {
		change, s.missed = Announcement{}, true
	}
	s.changes <- change
}

// hear begins to remember, or ceases to.
func (s *Store) hear(heard bool) {
	s.bearers.hear(heard)
	s.holders.hear(heard)
	s.waiting.hear(heard)
}

func (s *Store) forgetPeople() {
	s.bearers.forget()
	s.holders.forget()
}
