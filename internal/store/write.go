package store

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

const (
	insertEvents = `INSERT INTO event (matter, seq, body, hash)
		SELECT $1, seq, body::json, hash FROM unnest($2::bigint[], $3::text[], $4::bytea[]) AS e(seq, body, hash)`

	updateMatter = `UPDATE matter SET stage = $2, outcome = $3, draft = $4, suspended = $5, holders = $6, closed = $7,
		due = $8, yellow_at = $9, red_at = $10, seq = $11, hash = COALESCE($12, hash), state = $13,
		owner = $14, leader = $15, term = $16, wake = $17 WHERE id = $1`

	upsertAssignments = `INSERT INTO assignment SELECT * FROM json_populate_recordset(NULL::assignment, $1)
		ON CONFLICT (matter, id) DO UPDATE SET post = EXCLUDED.post, unit = EXCLUDED.unit, duty = EXCLUDED.duty, stage = EXCLUDED.stage,
			slip = EXCLUDED.slip, how = EXCLUDED.how, waits = EXCLUDED.waits, claimed = EXCLUDED.claimed, opened = EXCLUDED.opened,
			closed = EXCLUDED.closed, ended = EXCLUDED.ended, due = EXCLUDED.due, yellow_at = EXCLUDED.yellow_at, red_at = EXCLUDED.red_at`

	upsertReceipts = `INSERT INTO slip_receipt SELECT * FROM json_populate_recordset(NULL::slip_receipt, $1)
		ON CONFLICT (matter, slip, post) DO UPDATE SET signed = EXCLUDED.signed, person = EXCLUDED.person`

	insertUnits = `INSERT INTO matter_unit (unit, matter, procedure, open, red_at) SELECT unnest($2::text[]), $1, $3, $4, $5 ON CONFLICT DO NOTHING`

	updateUnits = `UPDATE matter_unit SET open = $2, red_at = $3 WHERE matter = $1 AND (open <> $2 OR red_at <> $3)`

	upsertInvolved = `INSERT INTO involvement SELECT * FROM json_populate_recordset(NULL::involvement, $1)
		ON CONFLICT (who, kind, matter) DO UPDATE SET at = EXCLUDED.at WHERE EXCLUDED.at > involvement.at`

	upsertSearch = `INSERT INTO matter_search (matter, words) VALUES ($1, $2::tsvector)
		ON CONFLICT (matter) DO UPDATE SET words = EXCLUDED.words WHERE matter_search.words <> EXCLUDED.words`

	insertAttached = `INSERT INTO matter_attachment (matter, attachment, field)
		SELECT $1, id, field FROM unnest($2::uuid[], $3::text[]) AS f(id, field) JOIN attachment USING (id) ON CONFLICT DO NOTHING`

	insertSlip = `WITH given AS (
			INSERT INTO slip_counter AS c (unit, prefix, year, rehearsal, last) VALUES ($1, $2, $3, $4, 1)
			ON CONFLICT (unit, prefix, year, rehearsal) DO UPDATE SET last = c.last + 1 RETURNING last)
		INSERT INTO slip (matter, id, unit, kind, prefix, year, number, rehearsal, addressees, title, body, source, issued, due, cause, seq)
		SELECT s.matter, s.id, s.unit, s.kind, s.prefix, s.year, given.last, s.rehearsal, s.addressees, s.title, s.body, s.source,
			s.issued, s.due, s.cause, s.seq
		FROM given, json_populate_record(NULL::slip, $5) s`

	settleCommands = `UPDATE journal j SET state = 'done', spec = NULL, refusal = NULL, last = GREATEST(j.last, r.last),
			first = CASE WHEN j.first = 0 THEN r.first ELSE LEAST(j.first, r.first) END
		FROM json_to_recordset($2) AS r(key text, first bigint, last bigint) WHERE j.key = r.key AND j.matter = $1`

	notify = `SELECT pg_notify('` + Channel + `', $1)`
)

// queue adds what a fold of the same events always writes; head is the chain's, nil to leave it as it is.
func (p *projection) queue(batch *pgx.Batch, head []byte) error {
	s := &p.after
	matter := s.Spec.Matter
	state, err := encodeState(*s)
	if err != nil {
		return err
	}
	due, yellow, red := nearest(s)
	line := s.Line()
	batch.Queue(updateMatter, matter, s.Stage, string(s.Outcome), draft(s), s.Suspended != nil, holders(s), orNull(s.Closed),
		orNull(due), orInfinity(yellow), orInfinity(red), s.Seq, head, state, line.Unit, line.Leader, dateOrNull(line.Term), orInfinity(wakes(s)))
	if err := p.queueHeld(batch); err != nil {
		return err
	}
	if err := queueRows(batch, upsertAssignments, values(p.assignments)); err != nil {
		return err
	}
	open := s.Stage != procedure.Closed
	if _, _, was := nearest(&p.before); p.before.Seq > 0 && (!red.Equal(was) || open != (p.before.Stage != procedure.Closed)) {
		batch.Queue(updateUnits, matter, open, orInfinity(red))
	}
	if len(p.units) > 0 {
		batch.Queue(insertUnits, matter, p.units, s.Spec.Procedure.Key, open, orInfinity(red))
	}
	if err := queueRows(batch, upsertInvolved, values(p.involved)); err != nil {
		return err
	}
	if err := p.queueCounted(batch); err != nil {
		return err
	}
	if p.reindex {
		batch.Queue(upsertSearch, matter, searchVector(searchText(s)))
	}
	if len(p.attached) > 0 {
		var ids, fields []string
		for key := range p.attached {
			ids, fields = append(ids, key.attachment), append(fields, key.field)
		}
		batch.Queue(insertAttached, matter, ids, fields)
	}
	return nil
}

// queueOnce adds what is written when events are first folded and never again: the events themselves, the numbers of
// slips, what became of commands, and who is told. Counters come last: whoever issues next waits for them.
func (p *projection) queueOnce(batch *pgx.Batch) error {
	matter := p.after.Spec.Matter
	seqs, bodies, hashes := make([]int64, len(p.links)), make([]string, len(p.links)), make([][]byte, len(p.links))
	for i, l := range p.links {
		seqs[i], bodies[i], hashes[i] = l.seq, string(l.body), l.hash
	}
	batch.Queue(insertEvents, matter, seqs, bodies, hashes)
	if len(p.settled) > 0 {
		rows, err := json.Marshal(p.settled)
		if err != nil {
			return err
		}
		batch.Queue(settleCommands, matter, rows)
	}
	if len(p.tellings) > 0 {
		rows, err := json.Marshal(p.tellings)
		if err != nil {
			return err
		}
		batch.Queue(insertNotifications, matter, rows)
	}
	posts := waiting(&p.before, &p.after)
	if len(p.assignments) == 0 {
		posts = nil
	}
	for first := true; first || len(posts) > 0; first = false { // what is announced at once is bounded
		some := posts[:min(len(posts), announcedPosts)]
		posts = posts[len(some):]
		change, err := json.Marshal(Announcement{Matter: matter, Seq: p.after.Seq, Posts: some})
		if err != nil {
			return err
		}
		batch.Queue(notify, string(change))
	}
	if err := queueRows(batch, insertUnopened, p.refusals); err != nil {
		return err
	}
	for _, row := range numbered(p.slips) {
		if err := queueSlip(batch, row); err != nil {
			return err
		}
	}
	return queueRows(batch, upsertReceipts, values(p.receipts))
}

func queueSlip(batch *pgx.Batch, row slipRow) error {
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	batch.Queue(insertSlip, row.Unit, row.Prefix, row.Year, row.Rehearsal, data)
	return nil
}

// announcedPosts bounds an announcement, whose text may have 8,000 bytes.
const announcedPosts = 50

// waiting are the posts on which something of the matter waits or waited.
func waiting(before, after *procedure.State) []procedure.Post {
	var posts []procedure.Post
	for _, s := range []*procedure.State{before, after} {
		for _, a := range s.Assignments {
			if !slices.Contains(posts, a.Post) {
				posts = append(posts, a.Post)
			}
		}
	}
	return posts
}

func values[K comparable, V any](m map[K]V) []V { return slices.Collect(maps.Values(m)) }

func queueRows[T any](batch *pgx.Batch, sql string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	data, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	batch.Queue(sql, data)
	return nil
}
