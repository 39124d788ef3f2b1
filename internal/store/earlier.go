package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// Earlier chooses what earlier matters came to.
type Earlier struct {
	Rulebook  string
	Procedure string
	Field     string    // list field of theirs
	From, To  time.Time // between which they were completed, by their clocks; the end left out
	Rehearsal bool      // those of rehearsals, and no others; else none of them
}

// Earlier gives the entries of a list field of the matters completed in a while, in the order they were completed.
func (s *Store) Earlier(ctx context.Context, e Earlier) ([]json.RawMessage, error) {
	rows, err := s.pool.Query(ctx, `SELECT entry FROM matter
			CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(state->'form'->$3) = 'array' THEN state->'form'->$3 END)
				WITH ORDINALITY AS list (entry, place)
		WHERE rulebook = $1 AND procedure = $2 AND outcome = 'completed' AND closed >= $4 AND closed < $5 AND (clock_factor <> 0) = $6
		ORDER BY closed, id, place`, e.Rulebook, e.Procedure, e.Field, e.From, e.To, e.Rehearsal)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	return list, classify(err)
}
