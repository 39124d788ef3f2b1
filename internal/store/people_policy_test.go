package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// A graph is a small city at one instant: units of two organisations, persons with posts past, present and to come,
// deputies, and matters. Everything is drawn; what somebody may see is worked out from it in three ways that must agree.
type graph struct {
	now      time.Time
	units    []graphUnit
	persons  []graphPerson
	deputies []graphDeputy
	matters  []graphMatter
	files    []graphFile
}

type graphUnit struct {
	id, organisation string
	oversees         bool
}

type graphPerson struct {
	id, token string
	disabled  bool
	holdings  []graphHolding
}

type graphHolding struct {
	post     string
	from, to int // days from now; to 0: open
}

type graphDeputy struct {
	person, forPerson int
	post              string
	from, to          int
}

type graphMatter struct {
	id    string
	facts identity.Facts
}

type graphFile struct {
	id    string
	putBy int
	in    []int // matters
}

func drawGraph(t *rapid.T) graph {
	g := graph{now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	for i := range rapid.IntRange(2, 6).Draw(t, "units") {
		g.units = append(g.units, graphUnit{
			id:           fmt.Sprintf("unit-%d", i),
			organisation: rapid.SampledFrom([]string{"zibo", "stb"}).Draw(t, "organisation"),
			oversees:     rapid.IntRange(0, 3).Draw(t, "oversees") == 0,
		})
	}
	var posts, units []string
	for _, u := range g.units {
		units = append(units, u.id)
		posts = append(posts, u.id+"/clerk", u.id+"/head")
	}
	when := rapid.SampledFrom([][2]int{{-10, 0}, {-10, 10}, {-10, -1}, {1, 10}})
	for range 12 {
		person := graphPerson{id: uuid.NewString(), disabled: rapid.IntRange(0, 9).Draw(t, "disabled") == 0}
		person.token, _ = identity.NewToken()
		if rapid.IntRange(0, 3).Draw(t, "administers") == 0 {
			post := rapid.SampledFrom([]procedure.Post{identity.PostAdministrator, identity.PostSecurity, identity.PostAuditor}).Draw(t, "system post")
			term := when.Draw(t, "term")
			person.holdings = []graphHolding{{string(post), term[0], term[1]}}
		} else {
			for _, post := range rapid.SliceOfNDistinct(rapid.SampledFrom(posts), 0, 3, rapid.ID[string]).Draw(t, "posts") {
				term := when.Draw(t, "term")
				person.holdings = append(person.holdings, graphHolding{post, term[0], term[1]})
			}
		}
		g.persons = append(g.persons, person)
	}
	taken := map[string]bool{}
	for range rapid.IntRange(0, 8).Draw(t, "deputies") {
		d := graphDeputy{person: rapid.IntRange(0, 11).Draw(t, "deputy"), forPerson: rapid.IntRange(0, 11).Draw(t, "for"),
			post: rapid.SampledFrom(posts).Draw(t, "post")}
		term := rapid.SampledFrom([][2]int{{-5, 5}, {-5, -1}, {1, 5}}).Draw(t, "term")
		d.from, d.to = term[0], term[1]
		key := fmt.Sprint(d.forPerson, d.post)
		if d.person != d.forPerson && !taken[key] && !g.persons[d.person].administers() {
			taken[key] = true
			g.deputies = append(g.deputies, d)
		}
	}
	for range 40 {
		m := graphMatter{id: uuid.NewString()}
		m.facts.Organisation = rapid.SampledFrom([]string{"zibo", "stb", "elsewhere"}).Draw(t, "of")
		m.facts.Unit = rapid.SampledFrom(units).Draw(t, "starter")
		m.facts.Units = rapid.SliceOfNDistinct(rapid.SampledFrom(units), 0, 3, rapid.ID[string]).Draw(t, "related")
		m.facts.Draft = rapid.Bool().Draw(t, "draft")
		g.matters = append(g.matters, m)
	}
	for range 20 {
		g.files = append(g.files, graphFile{uuid.NewString(), rapid.IntRange(0, 11).Draw(t, "put by"),
			rapid.SliceOfNDistinct(rapid.IntRange(0, 39), 0, 2, rapid.ID[int]).Draw(t, "in")})
	}
	return g
}

func (p graphPerson) administers() bool {
	return len(p.holdings) > 0 && procedure.Post(p.holdings[0].post).Unit() == identity.SystemUnit
}

func current(from, to int) bool { return from <= 0 && (to == 0 || to > 0) }

// posts a person may act for now, by the graph alone.
func (g graph) posts(person int) []string {
	var posts []string
	for _, h := range g.persons[person].holdings {
		if current(h.from, h.to) {
			posts = append(posts, h.post)
		}
	}
	for _, d := range g.deputies {
		held := slices.ContainsFunc(g.persons[d.forPerson].holdings, func(h graphHolding) bool { return h.post == d.post && current(h.from, h.to) })
		if d.person == person && current(d.from, d.to) && held {
			posts = append(posts, d.post)
		}
	}
	return posts
}

// sees is the rule in the words of the contract, by the graph alone.
func (g graph) sees(person int, m graphMatter) bool {
	for _, post := range g.posts(person) {
		unit := procedure.Post(post).Unit()
		if unit == m.facts.Unit {
			return true
		}
		if m.facts.Draft {
			continue
		}
		if post == "system/administrator" || post == "system/auditor" || slices.Contains(m.facts.Units, unit) {
			return true
		}
		for _, u := range g.units {
			if u.id == unit && u.oversees && u.organisation == m.facts.Organisation {
				return true
			}
		}
	}
	return false
}

// fetches is the rule of files in the words of the contract, by the graph alone.
func (g graph) fetches(person int, f graphFile) bool {
	if len(f.in) == 0 {
		return f.putBy == person
	}
	return slices.ContainsFunc(f.in, func(matter int) bool { return g.sees(person, g.matters[matter]) })
}

// load writes the graph in one transaction, over whatever was there.
func (g graph) load(ctx context.Context, tx pgx.Tx) error {
	day := func(n int) time.Time { return g.now.AddDate(0, 0, n) }
	until := func(n int) any {
		if n == 0 {
			return nil
		}
		return day(n)
	}
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM matter_attachment`)
	b.Queue(`DELETE FROM attachment`)
	b.Queue(`DELETE FROM matter_unit`)
	b.Queue(`DELETE FROM matter`)
	b.Queue(`DELETE FROM session`)
	b.Queue(`DELETE FROM deputy`)
	b.Queue(`DELETE FROM holding`)
	b.Queue(`DELETE FROM person`)
	b.Queue(`DELETE FROM post WHERE unit <> 'system'`)
	b.Queue(`DELETE FROM unit WHERE id <> 'system'`)
	b.Queue(`INSERT INTO organisation (key, title, place) VALUES ('zibo', '', 1), ('stb', '', 2) ON CONFLICT DO NOTHING`)
	for i, u := range g.units {
		b.Queue(`INSERT INTO unit (id, organisation, name, kind, oversees, place) VALUES ($1, $2, $1, '', $3, $4)`, u.id, u.organisation, u.oversees, i)
		for _, role := range []string{"clerk", "head"} {
			b.Queue(`INSERT INTO post (post, unit, role, title, place) VALUES ($1, $2, $3, '', 0)`, u.id+"/"+role, u.id, role)
		}
	}
	for i, p := range g.persons {
		b.Queue(`INSERT INTO person (id, login, name, created_at, disabled_at) VALUES ($1, $2, $2, $3, $4)`,
			p.id, fmt.Sprintf("person.%d", i), g.now, map[bool]any{true: g.now}[p.disabled])
		for _, h := range p.holdings {
			b.Queue(`INSERT INTO holding (person, post, from_at, to_at) VALUES ($1, $2, $3, $4)`, p.id, h.post, day(h.from), until(h.to))
		}
		digest, _ := identity.TokenDigest(p.token)
		b.Queue(`INSERT INTO session (token_hash, person, created, last_seen, idle, expires_idle, expires_absolute, address, agent)
			VALUES ($1, $2, $3, $3, '1 hour', $4, $4, '', '')`, digest, p.id, g.now, g.now.Add(time.Hour))
	}
	for _, d := range g.deputies {
		b.Queue(`INSERT INTO deputy (person, post, for_person, from_at, to_at) VALUES ($1, $2, $3, $4, $5)`,
			g.persons[d.person].id, d.post, g.persons[d.forPerson].id, day(d.from), day(d.to))
	}
	for _, m := range g.matters {
		b.Queue(`INSERT INTO matter (id, organisation, unit, draft, rulebook, procedure, version, title, started, hash, spec_hash, spec)
			VALUES ($1, $2, $3, $4, '', '', '', '', $5, '', '', '{}')`, m.id, m.facts.Organisation, m.facts.Unit, m.facts.Draft, g.now)
		for _, unit := range slices.Compact(slices.Sorted(slices.Values(append([]string{m.facts.Unit}, m.facts.Units...)))) { // as Record does
			b.Queue(`INSERT INTO matter_unit (unit, matter) VALUES ($1, $2)`, unit, m.id)
		}
	}
	for _, f := range g.files {
		b.Queue(`INSERT INTO attachment (id, sha256, name, size, type, person) VALUES ($1, sha256($2), '', 1, '', $3)`, f.id, []byte(f.id), g.persons[f.putBy].id)
		for _, m := range f.in {
			b.Queue(`INSERT INTO matter_attachment (matter, attachment, field) VALUES ($1, $2, 'attachments')`, g.matters[m].id, f.id)
		}
	}
	return tx.SendBatch(ctx, b).Close()
}

// TestPolicyInGoAndSQL holds the policy in Go, the same policy in SQL, and who acts for what by the store's view to an
// oracle that knows none of them, over random cities: each has 12 persons × 40 matters, in draft and not, so that the
// hundred that a run draws come to 48,000 cells. Files are held to theirs likewise.
func TestPolicyInGoAndSQL(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	cells, seen := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		require.NoError(t, pgx.BeginFunc(ctx, s.Pool(), func(tx pgx.Tx) error { return g.load(ctx, tx) }))
		for i, person := range g.persons {
			b, err := s.Session(ctx, person.token, g.now)
			if person.disabled {
				require.Error(t, err, "a disabled person bears no session")
				continue
			}
			require.NoError(t, err)
			sql, args := identity.VisiblePredicate(b.Actor, 1)
			rows, err := s.Pool().Query(ctx, `SELECT id::text FROM matter WHERE `+sql, args...)
			require.NoError(t, err)
			listed, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			if units, confined := identity.Confined(b.Actor); confined {
				for _, order := range []store.MatterOrder{store.Newest, store.Nearest} {
					items, err := s.Matters(ctx, store.MatterFilter{Among: units, Order: order}, nil, 100)
					require.NoError(t, err)
					var among []string
					for _, m := range items {
						among = append(among, m.ID)
					}
					require.ElementsMatch(t, listed, among, "a list that starts from units shows the same")
				}
			}
			for _, m := range g.matters {
				want := g.sees(i, m)
				require.Equal(t, want, identity.Visible(b.Actor, m.facts).Allowed, "Go: person %d, posts %v, matter %+v", i, g.posts(i), m.facts)
				require.Equal(t, want, slices.Contains(listed, m.id), "SQL: person %d, posts %v, matter %+v", i, g.posts(i), m.facts)
				cells++
				if want {
					seen++
				}
			}
			for _, f := range g.files {
				var of []identity.Facts
				for _, m := range f.in {
					of = append(of, g.matters[m].facts)
				}
				want := g.fetches(i, f)
				require.Equal(t, want, identity.MayReadAttachment(b.Actor, g.persons[f.putBy].id, of...).Allowed, "Go: person %d, posts %v, file %+v", i, g.posts(i), f)
				_, err := s.Attachment(ctx, f.id, func(first int) (string, []any) { return identity.AttachmentPredicate(b.Actor, first) })
				require.Equal(t, want, err == nil, "SQL: person %d, posts %v, file %+v: %v", i, g.posts(i), f, err)
			}
		}
	})
	if !t.Failed() && (cells < 5_000 || seen < cells/20 || seen > cells*19/20) {
		t.Errorf("%d cells, %d of them seen: too few, or too much alike, to prove anything", cells, seen)
	}
}
