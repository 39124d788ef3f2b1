package store

import (
	"context"
	"time"

	"duban/internal/procedure"
)

// Sight says what a person may see, as an SQL condition on "matter m" with named arguments (@name). The zero Sight sees
// everything; identity makes the condition from its policy.
type Sight struct {
	SQL  string
	Args map[string]any
}

// AssignmentFilter chooses open assignments whose turn has come.
type AssignmentFilter struct {
	Posts     []procedure.Post // before any of these; nil: of every post
	Units     []string         // or before any post of these units
	Duty      procedure.Duty
	Colour    Colour
	Procedure string
	Matter    string
	Sight     Sight
}

// AssignmentCursor is the place after an assignment in its list: nearest limit first, those without one last.
type AssignmentCursor struct {
	RedAt  time.Time // zero: no limit
	Matter string
	ID     int64
}

// AssignmentItem is an assignment in a list, with what is needed of its matter.
type AssignmentItem struct {
	Matter    string
	ID        int64
	Post      procedure.Post
	Duty      procedure.Duty
	Stage     string
	Slip      int64
	How       procedure.ActionName
	Claimed   string
	Opened    time.Time // by the matter's clock, as Due
	Due       time.Time
	RedAt     time.Time // wall's instant of Due
	Colour    Colour
	Title     string // the matter's, as the rest
	Rulebook  string
	Procedure string
	Unit      string
	Suspended bool
}

// Assignments lists open assignments, nearest limit first, after the cursor (nil: from the start).
func (s *Store) Assignments(ctx context.Context, f AssignmentFilter, after *AssignmentCursor, limit int) ([]AssignmentItem, error) {
	return nil, nil
}

// MatterOrder is the order of a list of matters.
type MatterOrder string

// The orders: newest first; nearest limit first, which lists open matters only; last touched first, with Involved.
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
	Involved     *Involved
	Text         string // words or parts of words; Chinese too
	Order        MatterOrder
	Fields       []string // form fields to give along
	Sight        Sight
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

// Matters lists matters after the cursor (nil: from the start).
func (s *Store) Matters(ctx context.Context, f MatterFilter, after *MatterCursor, limit int) ([]MatterItem, error) {
	return nil, nil
}

// SlipFilter chooses slips; zero fields do not restrict.
type SlipFilter struct {
	Matter   string
	Unit     string // that issued it
	Kind     string
	Year     int
	Posts    []procedure.Post // addressed to any of these
	Unsigned bool             // and not signed for by them yet; without Posts: by somebody
	Sight    Sight
}

// SlipCursor is the place after a slip in its list: newest first.
type SlipCursor struct {
	Issued time.Time
	Matter string
	ID     int64
}

// SlipItem is a slip with its number and receipts.
type SlipItem struct {
	Matter      string
	ID          int64
	Unit        string
	Kind        string
	Number      string // 淄改办交〔2026〕3号
	Year        int
	Sequence    int64
	Rehearsal   bool
	To          []procedure.Post
	Title       string
	Body        string
	Source      string
	Issued      time.Time // by the matter's clock, as Due
	Due         time.Time
	Receipts    []Receipt
	MatterTitle string
}

// Receipt says who signed for a slip on behalf of a post, and when; zero Signed: nobody yet.
type Receipt struct {
	Post   procedure.Post
	Signed time.Time
	Person string
}

// Slips lists slips, newest first, after the cursor (nil: from the start).
func (s *Store) Slips(ctx context.Context, f SlipFilter, after *SlipCursor, limit int) ([]SlipItem, error) {
	return nil, nil
}
