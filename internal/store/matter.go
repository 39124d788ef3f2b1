package store

import (
	"context"
	"encoding/json"
	"time"

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
	Fields       map[string]json.RawMessage // form fields asked for
}

// MatterRow is a matter whole.
type MatterRow struct {
	MatterItem
	Spec  procedure.Spec
	State procedure.State // its Spec is filled in
}

// Matter gives a matter. ErrNotFound: there is none.
func (s *Store) Matter(ctx context.Context, id string) (MatterRow, error) {
	return MatterRow{}, ErrNotFound
}
