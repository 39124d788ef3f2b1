package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"duban/internal/poll"
)

// Vote is a ballot on its way into a round. Nothing in it tells who votes but to whoever has the round's key.
type Vote struct {
	Tag      []byte // of the voter
	KeyCheck []byte // of the key the tag was made with
	Class    poll.Class
	Unit     string
	District string
	Choices  []string
	Receipt  string // the same again is the same ballot sent again
	Address  []byte // tags of where it came from and of the segment of numbers, for telling bursts
	Segment  []byte
}

// Outcome is what became of a vote: its place in the log, or why it is refused.
type Outcome struct {
	Leaf     int64 // from 0
	Replaced bool  // sent again after a later ballot of the same voter, which stands
	Refused  *poll.Refusal
}

// headEvery is how often a growing log's head is signed.
const headEvery = time.Minute

// CastBallots takes votes of one round, in their order, in one transaction: the log's end is locked once for all of them.
// A later ballot of a voter replaces the earlier one; one sent again, whenever, is told its place and changes nothing. What
// is good in itself may come too late: the database's clock decides, when the round's row is locked against its closing.
//
// ErrNotFound: there is no such round. ErrVoterKey: a tag was made with another key. ErrUnavailable: whether they are cast
// is not known; the same votes again, with the same receipts, are cast once.
func (s *Store) CastBallots(ctx context.Context, round *poll.Round, votes []Vote) ([]Outcome, error) {
	c := casting{round: round, votes: votes, outcomes: make([]Outcome, len(votes)), marks: make([][]byte, len(votes)),
		voters: make(map[string]voter, len(votes)), replaced: map[string]int64{}, turnout: map[part]int{}}
	for i, v := range votes {
		mark, err := hex.DecodeString(poll.Mark(round.ID, v.Receipt))
		if err != nil {
			return nil, err
		}
		c.marks[i] = mark
	}
	err := s.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { // one given back within a transaction is closed, which ends it
		if err := c.read(ctx, conn); err != nil {
			return err
		}
		for i := range votes {
			if err := c.take(i); err != nil {
				return err
			}
		}
		return c.write(ctx, conn)
	})
	if err != nil {
		return nil, classify(err)
	}
	return c.outcomes, nil
}

// casting is one transaction's worth of votes: one trip to begin, lock and read, one to write and commit. On a busy machine
// each trip costs a turn of the processors.
type casting struct {
	round    *poll.Round
	votes    []Vote
	outcomes []Outcome
	marks    [][]byte // of the votes

	open       bool
	now        time.Time
	keyCheck   []byte
	edge       poll.Edge
	headed     time.Time
	voters     map[string]voter // by tag, those taken in this transaction too
	replaced   map[string]int64 // leaves of ballots replaced, by mark, likewise
	turnout    map[part]int
	ballots    []ballotRow
	superseded []int64
}

type part struct {
	class poll.Class
	id    string
}

type voter struct {
	leaf int64
	mark []byte
	part part
	// exclusion by which whoever oversees the vote left them out; nil: none. Voting again does not undo it.
	exclusion *int32
	vote      int // whose ballot it is, from 1, when taken in this transaction
}

type ballotRow struct {
	leaf      int64
	hash      [32]byte
	mark      []byte
	choices   []string // in the options' order
	vote      *Vote
	exclusion *int32 // of the voter
}

// The row is locked against closing only while the round is open, so a crowd that comes late keeps nobody from closing it.
const lockRound = `SELECT FROM poll_round WHERE id = $1 AND closed IS NULL AND opens <= clock_timestamp() AND clock_timestamp() < closes FOR SHARE`

// Each is looked up by itself. Left to choose, PostgreSQL plans for the small table it last knew, and goes through all who have
// voted in the round for every group: it cannot be told by statistics, which come later than the crowd.
const (
	findVoters = `SELECT v.* FROM unnest($2::bytea[]) AS asked(tag)
		CROSS JOIN LATERAL (SELECT tag, leaf, mark, class, part, exclusion FROM poll_voter WHERE round = $1 AND tag = asked.tag LIMIT 1) v`

	findReplaced = `SELECT b.* FROM unnest($2::bytea[]) AS asked(mark)
		CROSS JOIN LATERAL (SELECT mark, leaf FROM poll_ballot WHERE round = $1 AND superseded AND mark = asked.mark LIMIT 1) b`
)

func (c *casting) read(ctx context.Context, conn *pgxpool.Conn) error {
	tags := make([][]byte, len(c.votes))
	for i := range c.votes {
		tags[i] = c.votes[i].Tag
	}
	id := c.round.ID
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	batch.Queue(lockRound, id).QueryRow(func(row pgx.Row) error {
		err := row.Scan()
		c.open = err == nil
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	batch.Queue(`SELECT size, edge, headed, key_check, clock_timestamp() FROM poll_log WHERE round = $1 FOR UPDATE`, id).QueryRow(func(row pgx.Row) error {
		var edge []byte
		err := row.Scan(&c.edge.Size, &edge, instant{&c.headed}, &c.keyCheck, instant{&c.now})
		c.edge.Hashes = decodeEdge(edge)
		return err
	})
	batch.Queue(findVoters, id, tags).Query(func(rows pgx.Rows) error {
		var tag []byte
		var v voter
		_, err := pgx.ForEachRow(rows, []any{&tag, &v.leaf, &v.mark, &v.part.class, &v.part.id, &v.exclusion}, func() error {
			v.mark = bytes.Clone(v.mark)
			c.voters[string(tag)] = v
			return nil
		})
		return err
	})
	batch.Queue(findReplaced, id, c.marks).Query(func(rows pgx.Rows) error {
		var mark []byte
		var leaf int64
		_, err := pgx.ForEachRow(rows, []any{&mark, &leaf}, func() error {
			c.replaced[string(mark)] = leaf
			return nil
		})
		return err
	})
	batch.Queue(`SELECT class, part, ballots FROM poll_turnout WHERE round = $1`, id).Query(func(rows pgx.Rows) error {
		var p part
		var n int
		_, err := pgx.ForEachRow(rows, []any{&p.class, &p.id, &n}, func() error {
			c.turnout[p] = n
			return nil
		})
		return err
	})
	return conn.SendBatch(ctx, batch).Close()
}

// take enters a vote, unless it is in already or has to be refused.
func (c *casting) take(i int) error {
	v, mark := &c.votes[i], c.marks[i]
	if leaf, replaced := c.replaced[string(mark)]; replaced {
		c.outcomes[i] = Outcome{Leaf: leaf, Replaced: true}
		return nil
	}
	who, again := c.voters[string(v.Tag)]
	if again && bytes.Equal(who.mark, mark) {
		c.outcomes[i].Leaf = who.leaf
		return nil
	}
	b := poll.Ballot{Class: v.Class, Unit: v.Unit, District: v.District, Choices: v.Choices}
	if !c.good(i, b) {
		return nil
	}
	if c.keyCheck == nil {
		c.keyCheck = v.KeyCheck
	}
	if !bytes.Equal(c.keyCheck, v.KeyCheck) {
		return ErrVoterKey
	}
	from := part{v.Class, v.District + v.Unit}
	if from != who.part { // the later ballot says anew where its voter is
		if c.full(from) {
			c.outcomes[i].Refused = &poll.Refusal{Code: poll.CodeDistrict}
			return nil
		}
		if again {
			c.turnout[who.part]--
		}
		who.part = from
		c.turnout[from]++
	}
	if again {
		c.superseded = append(c.superseded, who.leaf)
		c.replaced[string(who.mark)] = who.leaf
	}
	who.leaf, who.mark, who.vote = c.edge.Size, mark, i+1
	c.voters[string(v.Tag)] = who
	row := ballotRow{leaf: who.leaf, mark: mark, choices: c.round.Canonical(v.Choices), vote: v, exclusion: who.exclusion}
	row.hash = poll.Leaf(c.round.ID, v.Receipt, v.Class, c.round.Shown(b), row.choices)
	c.edge = c.edge.Append(row.hash)
	c.ballots = append(c.ballots, row)
	c.outcomes[i].Leaf = who.leaf
	return nil
}

// good judges a ballot, and notes why it is refused.
func (c *casting) good(i int, b poll.Ballot) bool {
	c.outcomes[i].Refused = c.refusal(b)
	return c.outcomes[i].Refused == nil
}

// refusal says why a ballot is refused, or nil. A round closed before its time is late.
func (c *casting) refusal(b poll.Ballot) *poll.Refusal {
	switch {
	case c.open:
		return poll.Judge(c.round, b)
	case c.now.Before(c.round.Opens):
		return &poll.Refusal{Code: poll.CodeEarly}
	}
	return &poll.Refusal{Code: poll.CodeLate}
}

// full says whether as many of a district have voted as are eligible.
func (c *casting) full(p part) bool {
	for _, d := range c.round.Districts {
		if p.class == poll.ClassPublic && d.ID == p.id {
			return c.turnout[p] >= d.Eligible
		}
	}
	return false
}

const (
	insertBallots = `INSERT INTO poll_ballot (round, leaf, hash, mark, class, unit, choices, exclusion)
		SELECT $1, leaf, hash, mark, class, unit, string_to_array(choices, ' ')::smallint[], exclusion
		FROM unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::integer[])
			AS b(leaf, hash, mark, class, unit, choices, exclusion)`

	upsertVoters = `INSERT INTO poll_voter (round, tag, class, part, leaf, mark, cast_at, address, segment)
		SELECT $1, tag, class, part, leaf, mark, $2, address, segment
		FROM unnest($3::bytea[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[]) AS v(tag, class, part, leaf, mark, address, segment)
		ON CONFLICT (round, tag) DO UPDATE SET part = EXCLUDED.part, leaf = EXCLUDED.leaf, mark = EXCLUDED.mark, cast_at = EXCLUDED.cast_at,
			address = EXCLUDED.address, segment = EXCLUDED.segment`

	upsertTurnout = `INSERT INTO poll_turnout (round, class, part, ballots)
		SELECT $1, class, part, ballots FROM unnest($2::text[], $3::text[], $4::bigint[]) AS t(class, part, ballots)
		ON CONFLICT (round, class, part) DO UPDATE SET ballots = EXCLUDED.ballots`
)

func (c *casting) write(ctx context.Context, conn *pgxpool.Conn) error {
	batch := &pgx.Batch{}
	if len(c.ballots) > 0 {
		if err := c.queue(ctx, conn, batch); err != nil {
			return err
		}
	}
	batch.Queue("COMMIT")
	return conn.SendBatch(ctx, batch).Close()
}

func (c *casting) queue(ctx context.Context, conn *pgxpool.Conn, batch *pgx.Batch) error {
	id := c.round.ID
	c.queueBallots(batch)
	c.queueVoters(batch)
	for _, leaf := range c.superseded {
		batch.Queue(`UPDATE poll_ballot SET superseded = true WHERE round = $1 AND leaf = $2`, id, leaf)
	}
	if c.now.Sub(c.headed) >= headEvery {
		signer, err := pollSigner(ctx, conn.Conn())
		if err != nil {
			return err
		}
		head := poll.Head{Round: id, Size: c.edge.Size, Root: c.edge.Root(), At: c.now}
		signed, err := head.Sign(signer)
		if err != nil {
			return err
		}
		batch.Queue(`INSERT INTO poll_head (round, size, head) VALUES ($1, $2, $3)`, id, c.edge.Size, signed)
		c.headed = c.now
	}
	batch.Queue(`UPDATE poll_log SET size = $2, edge = $3, headed = $4, key_check = $5 WHERE round = $1`, id, c.edge.Size,
		encodeEdge(c.edge.Hashes), c.headed, c.keyCheck)
	return nil
}

func (c *casting) queueBallots(batch *pgx.Batch) {
	n := len(c.ballots)
	leaves, hashes, marks := make([]int64, n), make([][]byte, n), make([][]byte, n)
	classes, units, choices, exclusions := make([]string, n), make([]string, n), make([]string, n), make([]*int32, n)
	for i, b := range c.ballots {
		leaves[i], hashes[i], marks[i], classes[i] = b.leaf, b.hash[:], b.mark, string(b.vote.Class)
		units[i] = c.round.Shown(poll.Ballot{Class: b.vote.Class, Unit: b.vote.Unit})
		choices[i], exclusions[i] = numbers(c.round, b.choices), b.exclusion
	}
	batch.Queue(insertBallots, c.round.ID, leaves, hashes, marks, classes, units, choices, exclusions)
}

func (c *casting) queueVoters(batch *pgx.Batch) {
	var tags, marks, addresses, segments [][]byte
	var classes, parts, turnClasses, turnParts []string
	var leaves, turnouts []int64
	for i := range c.votes {
		v := &c.votes[i]
		who := c.voters[string(v.Tag)]
		if who.vote != i+1 { // not taken, or replaced within this transaction
			continue
		}
		tags, marks, leaves = append(tags, v.Tag), append(marks, who.mark), append(leaves, who.leaf)
		addresses, segments = append(addresses, orEmpty(v.Address)), append(segments, orEmpty(v.Segment))
		classes, parts = append(classes, string(who.part.class)), append(parts, who.part.id)
	}
	batch.Queue(upsertVoters, c.round.ID, c.now, tags, classes, parts, leaves, marks, addresses, segments)
	for p, n := range c.turnout {
		turnClasses, turnParts, turnouts = append(turnClasses, string(p.class)), append(turnParts, p.id), append(turnouts, int64(n))
	}
	batch.Queue(upsertTurnout, c.round.ID, turnClasses, turnParts, turnouts)
}

func orEmpty(tag []byte) []byte {
	if tag == nil {
		return []byte{}
	}
	return tag
}

func encodeEdge(hashes []tlog.Hash) []byte {
	out := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}

func decodeEdge(data []byte) []tlog.Hash {
	hashes := make([]tlog.Hash, len(data)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], data[i*tlog.HashSize:])
	}
	return hashes
}
