package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"duban/internal/poll"
	"duban/internal/procedure"
)

// What may go wrong with votes and draws.
var (
	// ErrRoundOpen says the round is still open: nothing that depends on its ballots may be known yet.
	ErrRoundOpen = errors.New("round open")
	// ErrUnderReview says the round is closed, and what came in is still looked into: it may not be counted yet.
	ErrUnderReview = errors.New("round under review")
	// ErrRoundCounted says the round is counted, or never will be: nothing about its ballots may change any more.
	ErrRoundCounted = errors.New("round counted")
	// ErrVoterKey says a voter's tag was made with another key than the round's: the same voter would count twice.
	ErrVoterKey = errors.New("another key than the round's")
)

const insertRound = `INSERT INTO poll_round (id, matter, definition, title, draw, opens, closes, counts, rehearsal, public, units)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`

// queueRound adds what a round needs to be voted in. The first definition under an id stands: the same event may be
// folded again. The definition has to be valid ([poll.Round.Validate]).
func queueRound(batch *pgx.Batch, r poll.Round) error {
	definition, err := poll.WriteJSON(r)
	if err != nil {
		return err
	}
	if err := queueKey(batch); err != nil {
		return err
	}
	units := make([]string, len(r.Units))
	for i, u := range r.Units {
		units[i] = u.ID
	}
	var counts *time.Time
	if !r.Counts.IsZero() {
		counts = &r.Counts
	}
	batch.Queue(insertRound, r.ID, r.Matter, string(definition), r.Title, r.Draw, r.Opens, r.Closes, counts, r.Rehearsal, len(r.Districts) > 0, units)
	batch.Queue(`INSERT INTO poll_log (round) VALUES ($1) ON CONFLICT DO NOTHING`, r.ID)
	return nil
}

// queueVoid voids what is left uncounted of a matter that has ended: whoever casts from now on comes too late.
func queueVoid(batch *pgx.Batch, matter string) {
	batch.Queue(`UPDATE poll_round SET void = true, closed = COALESCE(closed, clock_timestamp()) WHERE matter = $1 AND result IS NULL`, matter)
}

// queueKey adds the key heads and draws are signed with, unless there is one.
func queueKey(batch *pgx.Batch) error {
	signer, verifier, err := poll.NewKey(rand.Reader)
	if err != nil {
		return err
	}
	batch.Queue(`INSERT INTO poll_key (signer, verifier) VALUES ($1, $2) ON CONFLICT DO NOTHING`, signer, verifier)
	return nil
}

// PutRound makes a round that no matter's event brings about, as in a trial. An error that is [poll.ErrRound] says it is
// none.
func (s *Store) PutRound(ctx context.Context, r poll.Round) error {
	if err := r.Validate(); err != nil {
		return err
	}
	return s.transact(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		if err := queueRound(batch, r); err != nil {
			return err
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}

// RoundItem is a round and where it stands.
type RoundItem struct {
	poll.Round
	Definition string    // as it is published
	Closed     time.Time // zero: not yet
	Counted    bool      // its result stands
	State      RoundState
	Forgotten  time.Time // when who voted was forgotten; zero: not yet
}

// The clock that closes a round also says where it stands.
const roundColumns = `definition, closed, result IS NOT NULL, forgotten, CASE WHEN result IS NOT NULL THEN 'counted' WHEN void THEN 'void'
	WHEN (closed IS NOT NULL OR closes <= clock_timestamp()) AND counts > clock_timestamp() THEN 'review'
	WHEN closed IS NOT NULL OR closes <= clock_timestamp() THEN 'counting' WHEN opens > clock_timestamp() THEN 'planned' ELSE 'open' END`

func scanRound(row pgx.CollectableRow) (r RoundItem, err error) {
	if err = row.Scan(&r.Definition, instant{&r.Closed}, &r.Counted, instant{&r.Forgotten}, &r.State); err == nil {
		err = json.Unmarshal([]byte(r.Definition), &r.Round)
	}
	return r, err
}

// Round gives a round's definition and where it stands. ErrNotFound: there is none.
func (s *Store) Round(ctx context.Context, id string) (RoundItem, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+roundColumns+` FROM poll_round WHERE id = $1`, id)
	if err != nil {
		return RoundItem{}, classify(err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRound)
	return r, classify(err)
}

// RoundFilter chooses rounds; zero fields do not restrict.
type RoundFilter struct {
	ID         string
	Public     bool     // those the public votes in, without rehearsals
	Rehearsals bool     // with Public: rehearsals too
	Matter     string   // those of a matter
	Units      []string // with Sight: also those one of these units is on the roll of
	Sight      Sight    // those of matters somebody may see
}

// Rounds lists rounds, the latest opening first, before one (nil: from the latest).
func (s *Store) Rounds(ctx context.Context, f RoundFilter, before *RoundItem, limit int) ([]RoundItem, error) {
	var q query
	switch {
	case f.Public && f.Rehearsals:
		q.and("public")
	case f.Public:
		q.and("public AND NOT rehearsal")
	}
	equal(&q, "matter", f.Matter)
	equal(&q, "id", f.ID)
	if f.Sight != nil {
		roll := "units && " + q.arg(f.Units)
		sql, args := f.Sight(len(q.args) + 1)
		q.args = append(q.args, args...)
		q.and("(" + roll + " OR EXISTS (SELECT FROM matter WHERE matter.id::text = poll_round.matter AND " + sql + "))")
	}
	if before != nil {
		q.and("(opens, id) < (?, ?)", before.Opens, before.ID)
	}
	rows, err := s.pool.Query(ctx, `SELECT `+roundColumns+` FROM poll_round WHERE `+q.conditions()+` ORDER BY opens DESC, id DESC LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, scanRound)
	return list, classify(err)
}

// RoundState is where a round stands.
type RoundState string

// The states of a round.
const (
	RoundPlanned  RoundState = "planned"
	RoundOpen     RoundState = "open"
	RoundReview   RoundState = "review"   // over, what came in is looked into before it is counted
	RoundCounting RoundState = "counting" // over, its result not known yet
	RoundCounted  RoundState = "counted"
	RoundVoid     RoundState = "void" // its matter ended first: it has no result and never will
)

// VotingPosts gives those of some posts that vote for their unit in a stage of a matter.
func (s *Store) VotingPosts(ctx context.Context, matter, stage string, posts []procedure.Post) ([]procedure.Post, error) {
	if kept := uuid.Validate(matter) == nil; !kept || len(posts) == 0 { // a trial's round has no matter
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT post FROM assignment WHERE matter = $1 AND stage = $2 AND duty = $3 AND post = ANY($4) ORDER BY post`,
		matter, stage, procedure.DutyVote, posts)
	if err != nil {
		return nil, classify(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[procedure.Post])
	return found, classify(err)
}

// Turnout is how many of a roll have voted: all that is told of an open round.
type Turnout struct {
	Class   poll.Class
	Part    string // unit or district
	Ballots int
}

// Turnout gives a round's turnout by unit and district; those nobody of voted are left out.
func (s *Store) Turnout(ctx context.Context, round string) ([]Turnout, error) {
	rows, err := s.pool.Query(ctx, `SELECT class, part, ballots FROM poll_turnout WHERE round = $1 AND ballots > 0 ORDER BY class, part`, round)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Turnout])
	return list, classify(err)
}

// PollKey gives the key by which heads are verified. ErrNotFound: there was no round yet.
func (s *Store) PollKey(ctx context.Context) (string, error) {
	var verifier string
	err := s.pool.QueryRow(ctx, `SELECT verifier FROM poll_key`).Scan(&verifier)
	return verifier, classify(err)
}

// RoundHeads gives the log's heads signed so far, as heads.txt has them; empty: none yet.
func (s *Store) RoundHeads(ctx context.Context, round string) (heads string, err error) {
	err = s.pool.QueryRow(ctx, `SELECT COALESCE(string_agg(head, '' ORDER BY size), '') FROM poll_head WHERE round = $1`, round).Scan(&heads)
	return heads, classify(err)
}

func pollSigner(ctx context.Context, conn *pgx.Conn) (note.Signer, error) {
	var signer string
	if err := conn.QueryRow(ctx, `SELECT signer FROM poll_key`).Scan(&signer); err != nil {
		return nil, err
	}
	return note.NewSigner(signer)
}

// CommitDraw commits to the seed of a draw, once: again it gives the same commitment.
func (s *Store) CommitDraw(ctx context.Context, id string) (commitment string, err error) {
	seed, err := poll.NewSeed(rand.Reader)
	if err != nil {
		return "", err
	}
	err = s.transact(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		if err := queueKey(batch); err != nil {
			return err
		}
		batch.Queue(`INSERT INTO draw (id, seed, commitment) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`, id, seed, poll.Commit(seed))
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT commitment FROM draw WHERE id = $1`, id).Scan(&commitment)
	})
	return commitment, err
}

// RevealDraw reveals the seed of a draw; from then on it is no secret. ErrNotFound: nothing was committed to.
// ErrRoundOpen: a round that draws by it is not counted yet.
func (s *Store) RevealDraw(ctx context.Context, id string) (seed string, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		var open bool
		if err := tx.QueryRow(ctx, `SELECT seed, EXISTS (SELECT FROM poll_round r WHERE r.draw = draw.commitment AND r.result IS NULL AND NOT r.void)
			FROM draw WHERE id = $1 FOR UPDATE OF draw`, id).Scan(&seed, &open); err != nil {
			return err
		}
		if open {
			return ErrRoundOpen
		}
		_, err := tx.Exec(ctx, `UPDATE draw SET revealed = now() WHERE id = $1 AND revealed IS NULL`, id)
		return err
	})
	if err != nil {
		return "", err
	}
	return seed, nil
}

// byNumber are the options' ids by their numbers.
func byNumber(r *poll.Round) map[int16]string {
	ids := make(map[int16]string, len(r.Options))
	for _, o := range r.Options {
		ids[int16(o.Number)] = o.ID
	}
	return ids
}

// numbers are the numbers of the options chosen, as text.
func numbers(r *poll.Round, choices []string) string {
	var out []byte
	for _, id := range choices {
		option, _ := r.Option(id)
		out = append(strconv.AppendInt(out, int64(option.Number), 10), ' ')
	}
	return string(bytes.TrimSuffix(out, []byte(" ")))
}
