package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"duban/internal/calendar"
)

// query gathers a statement's conditions and arguments. Its text depends on which conditions there are, never on their
// values, so few statements are prepared.
type query struct {
	where []string
	args  []any
}

// arg adds an argument and gives its placeholder.
func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

// and adds a condition with its arguments in place of the question marks.
func (q *query) and(condition string, args ...any) {
	for _, v := range args {
		condition = strings.Replace(condition, "?", q.arg(v), 1)
	}
	q.where = append(q.where, condition)
}

// equal adds a condition unless the value is the zero one.
func equal[T comparable](q *query, column string, value T) {
	var zero T
	if value != zero {
		q.and(column+" = ?", value)
	}
}

// matter adds a matter's id in that column, unless it is empty. What is no id is nobody's.
func (q *query) matter(column, id string) {
	switch {
	case id == "":
	case uuid.Validate(id) != nil:
		q.and("FALSE")
	default:
		q.and(column+" = ?", id)
	}
}

// rows is a list's length as a statement says it: planned for a length it knows, a statement is planned once, and not
// every time it is asked.
func rows(limit int) string { return strconv.Itoa(limit) }

func (q *query) conditions() string {
	if len(q.where) == 0 {
		return "TRUE"
	}
	return strings.Join(q.where, " AND ")
}

// see adds what a person may see.
func (q *query) see(sight Sight) {
	if sight == nil {
		return
	}
	sql, args := sight(len(q.args) + 1)
	q.args = append(q.args, args...)
	q.where = append(q.where, sql)
}

// coloured adds a colour. The instants at which it turns are the wall's, whatever clock the matter has, so this is the
// one place that knows, and an index serves it.
func (q *query) coloured(table string, colour Colour) {
	switch colour {
	case Red:
		q.and(table + ".red_at <= now()")
	case Yellow:
		q.and(table + ".yellow_at <= now() AND " + table + ".red_at > now()")
	case Green:
		q.and(table + ".yellow_at > now() AND " + table + ".red_at > now() AND " + table + ".red_at < 'infinity'")
	case None:
		q.and(table + ".red_at = 'infinity'")
	}
}

// colourOf is a row's colour as a column.
func colourOf(table string) string {
	return "CASE WHEN " + table + ".red_at <= now() THEN 'red' WHEN " + table + ".yellow_at <= now() THEN 'yellow' WHEN " +
		table + ".red_at < 'infinity' THEN 'green' ELSE 'none' END"
}

// instant reads a time that may be NULL or infinity: both are the zero time.
type instant struct{ at *time.Time }

func (i instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i.at = time.Time{}
	if v.Valid && v.InfinityModifier == pgtype.Finite {
		*i.at = v.Time.UTC()
	}
	return nil
}

// civil reads a date that may be NULL: the zero date.
type civil struct{ day *calendar.Date }

func (c civil) ScanDate(v pgtype.Date) error {
	*c.day = calendar.Date{}
	if v.Valid {
		*c.day = calendar.Date{Year: v.Time.Year(), Month: v.Time.Month(), Day: v.Time.Day()}
	}
	return nil
}
