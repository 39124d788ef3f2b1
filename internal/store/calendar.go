package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/calendar"
)

// CalendarYear is a year's notice as it was imported.
type CalendarYear struct {
	calendar.Year
	Imported time.Time
	Person   string
	Told     int // matters that were to be told of it
	Pending  int // of them, still to be told
}

// PutCalendarYear imports a year's notice, in place of that year's earlier one, and notes which open matters are to be
// told of it: those with terms that rest on days no notice settled yet. told is how many they are, none when the notice
// says what the earlier one said. An error that is [calendar.ErrYear] says the notice is none.
func (s *Store) PutCalendarYear(ctx context.Context, y calendar.Year, person string) (told int, err error) {
	if err := y.Validate(); err != nil {
		return 0, err
	}
	off, err := json.Marshal(y.Off)
	if err != nil {
		return 0, err
	}
	work, err := json.Marshal(y.Work)
	if err != nil {
		return 0, err
	}
	err = s.transact(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO calendar_year AS c (year, off, work, person) VALUES ($1, $2, $3, $4)
		ON CONFLICT (year) DO UPDATE SET off = EXCLUDED.off, work = EXCLUDED.work, person = EXCLUDED.person, imported = now()
		WHERE (c.off, c.work) IS DISTINCT FROM (EXCLUDED.off, EXCLUDED.work)`, y.Year, off, work, person)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		tag, err = tx.Exec(ctx, `INSERT INTO replan (matter, year) SELECT id, $1 FROM matter WHERE closed IS NULL AND `+unsettled+`
			ON CONFLICT (matter, year) DO UPDATE SET leased = '-infinity'`, y.Year)
		if err != nil {
			return err
		}
		told = int(tag.RowsAffected())
		_, err = tx.Exec(ctx, `UPDATE calendar_year SET told = $2 WHERE year = $1`, y.Year, told)
		return err
	})
	return told, err
}

// CalendarYears lists the imported years in order.
func (s *Store) CalendarYears(ctx context.Context) ([]CalendarYear, error) {
	rows, err := s.pool.Query(ctx, `SELECT year, off, work, imported, person, told,
		(SELECT count(*) FROM replan WHERE replan.year = calendar_year.year) FROM calendar_year ORDER BY year`)
	if err != nil {
		return nil, classify(err)
	}
	years, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (y CalendarYear, err error) {
		err = row.Scan(&y.Year.Year, &y.Off, &y.Work, instant{&y.Imported}, &y.Person, &y.Told, &y.Pending)
		return y, err
	})
	return years, classify(err)
}

// Calendar gives the table of special days: the years that came with the program, and over them those imported.
func (s *Store) Calendar(ctx context.Context) (calendar.Table, error) {
	years, err := s.CalendarYears(ctx)
	if err != nil {
		return calendar.Table{}, err
	}
	table := calendar.Shipped()
	for _, y := range years {
		table = table.With(y.Year.Year, y.Off, y.Work)
	}
	return table, nil
}

// unsettled are matters with a running term that rests on such days.
const unsettled = `state @? '$.limits[*].due.provisional ? (@ == true)'`

// Unsettled lists open matters whose terms rest on days no notice settled yet, after an id (empty: from the first): they
// are told when a year is imported.
func (s *Store) Unsettled(ctx context.Context, after string, limit int) ([]string, error) {
	if after == "" {
		after = "00000000-0000-0000-0000-000000000000"
	}
	rows, err := s.pool.Query(ctx, `SELECT id::text FROM matter WHERE closed IS NULL AND id > $1 AND `+unsettled+` ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, classify(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, classify(err)
}
