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
}

// PutCalendarYear imports a year's notice, in place of that year's earlier one. changed is false when it says what the
// earlier one said. An error that is [calendar.ErrYear] says the notice is none.
func (s *Store) PutCalendarYear(ctx context.Context, y calendar.Year, person string) (changed bool, err error) {
	if err := y.Validate(); err != nil {
		return false, err
	}
	off, err := json.Marshal(y.Off)
	if err != nil {
		return false, err
	}
	work, err := json.Marshal(y.Work)
	if err != nil {
		return false, err
	}
	tag, err := s.pool.Exec(ctx, `INSERT INTO calendar_year AS c (year, off, work, person) VALUES ($1, $2, $3, $4)
		ON CONFLICT (year) DO UPDATE SET off = EXCLUDED.off, work = EXCLUDED.work, person = EXCLUDED.person, imported = now()
		WHERE (c.off, c.work) IS DISTINCT FROM (EXCLUDED.off, EXCLUDED.work)`, y.Year, off, work, person)
	return tag.RowsAffected() > 0, classify(err)
}

// CalendarYears lists the imported years in order.
func (s *Store) CalendarYears(ctx context.Context) ([]CalendarYear, error) {
	rows, err := s.pool.Query(ctx, `SELECT year, off, work, imported, person FROM calendar_year ORDER BY year`)
	if err != nil {
		return nil, classify(err)
	}
	years, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (y CalendarYear, err error) {
		err = row.Scan(&y.Year.Year, &y.Off, &y.Work, instant{&y.Imported}, &y.Person)
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

// Unsettled lists open matters whose terms rest on days no notice settled yet, after an id (empty: from the first): they
// are told when a year is imported.
func (s *Store) Unsettled(ctx context.Context, after string, limit int) ([]string, error) {
	if after == "" {
		after = "00000000-0000-0000-0000-000000000000"
	}
	rows, err := s.pool.Query(ctx, `SELECT id::text FROM matter WHERE closed IS NULL AND id > $1
		AND state @? '$.limits[*].due.provisional ? (@ == true)' ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, classify(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, classify(err)
}
