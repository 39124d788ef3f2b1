package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// Colour is how near a limit is: green, yellow once the first alarm before it has gone, red once it is over, none where
// no limit runs or the clock is stopped.
type Colour string

// The colours.
const (
	Green  Colour = "green"
	Yellow Colour = "yellow"
	Red    Colour = "red"
	None   Colour = "none"
)

// Sight says what a person may see, as an SQL condition over the tables matter and matter_unit with its arguments,
// numbered from first. nil sees everything. Identity makes it from its policy.
type Sight func(first int) (sql string, args []any)

// MatterItem is a matter in a list.
type MatterItem struct {
	ID           string
	Organisation string
	Rulebook     string
	Procedure    string
	Version      string
	Title        string
	Unit         string
	Starter      string // person
	StarterName  string
	Parent       string // matter; empty: none
	Stage        string
	Outcome      procedure.Outcome
	Draft        bool
	Suspended    bool
	Holders      []procedure.Post // it waits on
	Started      time.Time        // by the matter's clock, as Closed and Due
	Closed       time.Time
	Due          time.Time // of the nearest running limit
	Colour       Colour
	RedAt        time.Time // wall's instant of Due; zero: none
	Seq          int64
	Rehearsal    bool
	Owner        string                     // unit that answers for it
	Leader       string                     // in charge
	Term         calendar.Date              // to be finished by
	Fields       map[string]json.RawMessage // form fields asked for
}

// Hidden says whether the title is nobody's to read but the unit's: a person is still writing it. A matter that another
// started by itself is called as the rules call it.
func (m *MatterItem) Hidden() bool { return m.Draft && m.Parent == "" }

// hidden is Hidden as a condition.
const hidden = "(matter.draft AND matter.parent IS NULL)"

// MatterRow is a matter whole.
type MatterRow struct {
	MatterItem
	Spec  procedure.Spec
	State procedure.State // its Spec is filled in
	Units []string        // the matter concerns
	Hash  []byte          // of its chain
}

var matterColumns = `matter.id::text, matter.organisation, matter.rulebook, matter.procedure, matter.version, matter.title, matter.unit,
	matter.starter, matter.starter_name, COALESCE(matter.parent::text, ''), matter.stage, matter.outcome, matter.draft, matter.suspended,
	matter.holders, matter.started, matter.closed, matter.due, ` + colourOf("matter") + `, matter.red_at, matter.seq, matter.clock_factor <> 0,
	matter.owner, matter.leader, matter.term`

func (m *MatterItem) columns() []any {
	return []any{&m.ID, &m.Organisation, &m.Rulebook, &m.Procedure, &m.Version, &m.Title, &m.Unit, &m.Starter, &m.StarterName,
		&m.Parent, &m.Stage, &m.Outcome, &m.Draft, &m.Suspended, &m.Holders, instant{&m.Started}, instant{&m.Closed},
		instant{&m.Due}, &m.Colour, instant{&m.RedAt}, &m.Seq, &m.Rehearsal, &m.Owner, &m.Leader, civil{&m.Term}}
}

// Matter gives a matter. ErrNotFound: there is none, or none the person may see. What this process has in memory is not
// read again, so nobody changes the state's maps and lists.
func (s *Store) Matter(ctx context.Context, id string, sight Sight) (MatterRow, error) {
	var m MatterRow
	if id == "" {
		return m, ErrNotFound
	}
	known, cached := s.folded.get(id)
	var spec, state []byte
	var q query
	q.matter("matter.id", id)
	q.see(sight)
	columns := "CASE WHEN " + q.arg(!cached) + " THEN matter.spec END, CASE WHEN matter.hash <> " + q.arg(append([]byte{}, known.head...)) + " THEN matter.state END"
	row := s.pool.QueryRow(ctx, `SELECT `+matterColumns+`, `+columns+`, matter.hash,
		ARRAY(SELECT unit FROM matter_unit WHERE matter_unit.matter = matter.id ORDER BY unit) FROM matter WHERE `+q.conditions(), q.args...)
	if err := row.Scan(append(m.columns(), &spec, &state, &m.Hash, &m.Units)...); err != nil {
		return m, classify(err)
	}
	if spec != nil {
		if err := json.Unmarshal(spec, &known.state.Spec); err != nil {
			return m, err
		}
	}
	if !bytes.Equal(known.head, m.Hash) {
		var err error
		if known.state, err = decodeState(known.state.Spec, m.Seq, state); err != nil {
			return m, err
		}
		s.folded.put(fold{matter: id, head: m.Hash, state: known.state})
	}
	m.Spec, m.State = known.state.Spec, known.state
	return m, nil
}

// Related lists the matters this one started, in the order they were.
func (s *Store) Related(ctx context.Context, parent string, sight Sight) ([]MatterItem, error) {
	return s.Matters(ctx, MatterFilter{Parent: parent, Sight: sight}, nil, 1000)
}

// MatterOrder is the order of a list of matters.
type MatterOrder string

// The orders: newest first; nearest limit first, which lists open matters only.
const (
	Newest  MatterOrder = "newest"
	Nearest MatterOrder = "nearest"
)

// MatterFilter chooses matters; zero fields do not restrict.
type MatterFilter struct {
	Organisation string
	Rulebook     string
	Procedure    string
	Stage        string
	Unit         string // any unit the matter concerns
	Starter      string // person
	Parent       string
	Outcome      procedure.Outcome
	Open         *bool
	Colour       Colour
	Line         LineFilter
	Involved     *Involved
	Text         string      // words or parts of words; Chinese too
	Order        MatterOrder // empty: newest
	Fields       []string    // form fields to give along
	Sight        Sight
	Among        []string // beside Sight: the units it is confined to, from whose matters a list may start (identity.Confined)
}

// Involved asks for matters a person had to do with: started, acted in, or got a copy of by one of the posts.
type Involved struct {
	Kind   string // InvolvedStarted, InvolvedActed, InvolvedCopied
	Person string
	Posts  []procedure.Post // copied
}

// The kinds of involvement.
const (
	InvolvedStarted = "started"
	InvolvedActed   = "acted"
	InvolvedCopied  = "copied"
)

// MatterCursor is the place after a matter in its list.
type MatterCursor struct {
	RedAt time.Time // order Nearest; zero: no limit
	ID    string
}

// Cursor is the place after the matter.
func (m MatterItem) Cursor() MatterCursor { return MatterCursor{m.RedAt, m.ID} }

// Matters lists matters after the cursor (nil: from the start).
func (s *Store) Matters(ctx context.Context, f MatterFilter, after *MatterCursor, limit int) ([]MatterItem, error) {
	var q query
	l := f.begin(&q)
	f.restrict(&q, l)
	order := l.id + " DESC"
	if f.Order == Nearest {
		order = l.table + ".red_at, " + l.id
		q.and(l.open)
		if after != nil {
			q.and("("+l.table+".red_at, "+l.id+") > (?, ?)", orInfinity(after.RedAt), after.ID)
		}
	} else if after != nil {
		q.and(l.id+" < ?", after.ID)
	}
	columns := matterColumns + ", NULL"
	if len(f.Fields) > 0 {
		columns = matterColumns + ", (SELECT json_object_agg(field, matter.state->'form'->field) FROM unnest(" + q.arg(f.Fields) + "::text[]) field)"
	}
	most := rows(limit)
	sql := fmt.Sprintf(`SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %s`, columns, l.from, q.conditions(), order, most)
	if l.several { // each unit gives its first, and a matter may be among those of more than one
		sql = fmt.Sprintf(`SELECT m.* FROM (SELECT DISTINCT matter, red_at FROM %s CROSS JOIN LATERAL (
				SELECT own.matter, own.red_at FROM %s WHERE %s ORDER BY %s LIMIT %s) one) own
			CROSS JOIN LATERAL (SELECT %s FROM matter WHERE matter.id = own.matter) m ORDER BY %[4]s LIMIT %[5]s`,
			l.units, l.from, q.conditions(), order, most, columns)
	}
	found, err := s.pool.Query(ctx, sql, q.args...)
	if err != nil {
		return nil, classify(err)
	}
	items, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (m MatterItem, err error) {
		var fields []byte
		if err := row.Scan(append(m.columns(), &fields)...); err != nil || fields == nil {
			return m, err
		}
		err = json.Unmarshal(fields, &m.Fields)
		return m, err
	})
	return items, classify(err)
}

// listed is where a list of matters starts: from the matters, or from what units have of them, which are fewer.
type listed struct {
	table, id, open string // whose procedure and red_at serve, and its index
	from            string
	units           string // that it starts from,
	several         bool   // if they may be several
}

// begin chooses where the list starts, and sees to it that it shows nobody what they may not see.
func (f *MatterFilter) begin(q *query) listed {
	l := listed{table: "own", id: "own.matter", open: "own.open", from: "matter_unit own JOIN matter ON matter.id = own.matter"}
	switch {
	case f.Unit != "":
		q.and("own.unit = ?", f.Unit)
		q.see(f.Sight)
	case len(f.Among) == 1:
		q.and("own.unit = ? AND (NOT matter.draft OR matter.unit = own.unit)", f.Among[0])
	case len(f.Among) > 1:
		units := q.arg(distinct(f.Among))
		l.several, l.units = true, "unnest("+units+"::text[]) AS among(it)"
		q.and("own.unit = among.it AND (NOT matter.draft OR matter.unit = ANY (" + units + "))")
	default:
		q.see(f.Sight)
		return everybodys
	}
	return l
}

var everybodys = listed{table: "matter", id: "matter.id", open: "matter.closed IS NULL", from: "matter"}

// among restricts a count over the table matter.
func (f *MatterFilter) among(q *query) {
	if f.Unit != "" {
		q.and("matter.id IN (SELECT matter FROM matter_unit WHERE unit = ?)", f.Unit)
	}
	f.restrict(q, everybodys)
	q.see(f.Sight)
}

func (f *MatterFilter) restrict(q *query, l listed) {
	equal(q, "matter.organisation", f.Organisation)
	equal(q, "matter.rulebook", f.Rulebook)
	equal(q, l.table+".procedure", f.Procedure)
	equal(q, "matter.stage", f.Stage)
	equal(q, "matter.starter", f.Starter)
	q.matter("matter.parent", f.Parent)
	equal(q, "matter.outcome", string(f.Outcome))
	switch {
	case f.Open == nil:
	case *f.Open:
		q.and(l.open)
	default:
		q.and("matter.closed IS NOT NULL")
	}
	q.coloured("matter", f.Colour)
	f.Line.restrict(q)
	if f.Involved != nil {
		who := []string{f.Involved.Person}
		if f.Involved.Kind == InvolvedCopied {
			who = names(f.Involved.Posts)
		}
		q.and("matter.id IN (SELECT matter FROM involvement WHERE who = ANY (?) AND kind = ?)", who, f.Involved.Kind)
	}
	if f.Text != "" {
		if typed := searchQuery(f.Text); typed == "" {
			q.and("FALSE")
		} else {
			q.and("matter.id IN (SELECT matter FROM matter_search WHERE words @@ ?::tsquery)", typed)
		}
	}
}

func names(posts []procedure.Post) []string {
	out := make([]string, len(posts))
	for i, post := range posts {
		out[i] = string(post)
	}
	return out
}
