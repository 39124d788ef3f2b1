package procedure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/internal/poll"
)

// Draw draws lots in public. The seed is committed to before the list it draws from is fixed, and revealed after; anyone
// can repeat what follows from it. A stage without From only commits to the seed, for a later one to draw by.
type Draw struct {
	Seed    string `json:"seed"`              // its name in the procedure
	From    string `json:"from,omitempty"`    // "field:practices"
	Each    string `json:"each,omitempty"`    // "party:districts": a draw for each unit; empty: one
	Without string `json:"without,omitempty"` // "field.chosen": what a unit's entry of that list names already, by key or title
	Along   bool   `json:"along,omitempty"`   // what a unit's entry names already goes into the list too, before what is drawn
	Take    int    `json:"take,omitempty"`
	Named   int    `json:"named,omitempty"` // how many a unit names itself: as many fewer are drawn for it besides
	Into    string `json:"into,omitempty"`  // list field: an entry for each lot drawn, with the unit it is drawn for
}

// DrawGroup is one list of lots, or what was drawn of it.
type DrawGroup struct {
	Group string   `json:"group"` // unit, or empty
	Lots  []string `json:"lots"`
	More  int      `json:"more,omitempty"` // drawn beyond what each group's draw takes, for what the unit did not name
}

// Drawing is how far a draw is.
type Drawing struct {
	Draw       string      `json:"draw"` // id
	Commitment string      `json:"commitment,omitempty"`
	Take       int         `json:"take,omitempty"`
	Lots       []DrawGroup `json:"lots,omitempty"`
	Value      string      `json:"value,omitempty"` // the seed, once it is revealed
	At         time.Time   `json:"at"`
}

// DrawAnswer is what is known of a seed from outside the matter: its commitment, and later itself.
type DrawAnswer struct {
	Draw       string `json:"draw"`
	Commitment string `json:"commitment,omitempty"`
	Value      string `json:"value,omitempty"`
}

// draw enters a draw stage, or goes on with it.
func (d *draft) drawLots(stage *Stage) (next string, err error) {
	seed := stage.Draw.Seed
	now, wanted := d.s.Draws[seed]
	switch {
	case !wanted:
		d.want(seed)
		return "", nil
	case now.Commitment == "":
		return "", nil
	case now.Value != "": // drawing again until the lots please is no drawing
		return "", &Refusal{Code: "draw-used", Authority: stage.Authority, Args: map[string]any{"stage": stage.Title}}
	case stage.Draw.From != "" && now.Lots == nil:
		d.emit(DrawFixed{Draw: now.Draw, Seed: seed, Stage: stage.Key, Take: stage.Draw.Take, Lots: d.s.lots(stage)})
		return "", nil
	case stage.Draw.From != "":
		return "", nil
	}
	d.leave(stage, "")
	return stage.Next, nil
}

// want asks for a commitment under a name.
func (d *draft) want(seed string) {
	d.emit(DrawWanted{Draw: fmt.Sprintf("%s.%s.%d", d.s.Spec.Matter, seed, d.s.Seq+1), Seed: seed})
}

// lots are what a draw stage draws from: for each unit all, but for what its entry names already.
func (s *State) lots(stage *Stage) []DrawGroup {
	all := s.subjects(stage.Draw.From, "")
	if stage.Draw.Each == "" {
		return []DrawGroup{{Lots: ids(all)}}
	}
	var groups []DrawGroup
	for _, unit := range s.subjects(stage.Draw.Each, "") {
		named := s.named(stage, unit.ID)
		left := slices.DeleteFunc(slices.Clone(all), func(x Subject) bool { return slices.Contains(named, x) })
		groups = append(groups, DrawGroup{Group: unit.ID, Lots: ids(left), More: max(0, stage.Draw.Named-len(named))})
	}
	return groups
}

// named are the lots a unit's entry names already, by key or title.
func (s *State) named(stage *Stage, unit string) []Subject {
	field, key, _ := strings.Cut(stage.Draw.Without, ".")
	var names []string
	for _, entry := range s.list(field) {
		var more []string
		if str(entry["unit"]) == unit && json.Unmarshal(entry[key], &more) == nil {
			names = append(names, more...)
		}
	}
	var named []Subject
	for _, x := range s.subjects(stage.Draw.From, "") {
		if slices.Contains(names, x.ID) || slices.Contains(names, x.Title) {
			named = append(named, x)
		}
	}
	return named
}

func ids(subjects []Subject) []string {
	list := make([]string, len(subjects))
	for i, x := range subjects {
		list[i] = x.ID
	}
	return list
}

// drawn takes the answer about a seed.
func (d *draft) drawn(c Command) error {
	if c.Draw == nil {
		return &Refusal{Code: "action-unknown", Args: map[string]any{"action": string(c.Action)}}
	}
	seed := ""
	for name, draw := range d.s.Draws {
		if draw.Draw == c.Draw.Draw {
			seed = name
		}
	}
	now := d.s.Draws[seed]
	switch {
	case seed == "" || d.s.Stage == Closed || d.s.Suspended != nil:
		return nil // asked for again, if it still is wanted
	case now.Commitment == "" && c.Draw.Commitment != "":
		d.emit(DrawCommitted{Draw: now.Draw, Seed: seed, Commitment: c.Draw.Commitment})
	case now.Lots != nil && now.Value == "" && c.Draw.Value != "":
		return d.reveal(seed, now, c.Draw.Value)
	default:
		return nil // told before
	}
	return d.again()
}

// again goes on with a stage that waited for a seed.
func (d *draft) again() error {
	stage := d.stage()
	var next string
	var err error
	switch stage.Kind {
	case KindDraw:
		next, err = d.drawLots(stage)
	case KindPoll:
		next, err = d.plan(stage)
	}
	if err != nil || next == "" {
		return err
	}
	return d.advance(next, "", stage.Key)
}

// reveal draws by the revealed seed, if it is the one committed to.
func (d *draft) reveal(seed string, now Drawing, value string) error {
	stage := d.stage()
	if poll.Commit(value) != now.Commitment {
		return &Refusal{Code: "draw-broken", Authority: stage.Authority, Args: map[string]any{"draw": now.Draw}}
	}
	drawn, err := Lots(value, now.Take, now.Lots)
	if err != nil {
		return &Refusal{Code: "draw-broken", Authority: stage.Authority, Args: map[string]any{"draw": now.Draw}}
	}
	d.emit(DrawRevealed{Draw: now.Draw, Seed: seed, Value: value, Drawn: drawn})
	titles := map[string]Subject{}
	for _, x := range d.s.subjects(stage.Draw.From, "") {
		titles[x.ID] = x
	}
	entries := []map[string]string{}
	add := func(unit string, lot Subject, how string) {
		entries = append(entries, map[string]string{"key": unit + "/" + lot.ID, "lot": lot.ID, "title": lot.Title, "unit": unit, "how": how})
	}
	for _, group := range drawn {
		if stage.Draw.Along {
			for _, lot := range d.s.named(stage, group.Group) {
				add(group.Group, lot, "chosen")
			}
		}
		for _, lot := range group.Lots {
			add(group.Group, titles[lot], "drawn")
		}
	}
	d.put(stage.Draw.Into, entries)
	d.leave(stage, "")
	return d.advance(stage.Next, "", stage.Key)
}

// count is how many are drawn of a group whose draw takes so many; of one with fewer, all.
func (g DrawGroup) count(take int) int { return min(take+g.More, len(g.Lots)) }

// Lots draws so many of each group by a seed, and what the group is to have more; of a group with fewer, all.
func Lots(seed string, take int, groups []DrawGroup) ([]DrawGroup, error) {
	drawn := make([]DrawGroup, len(groups))
	for i, group := range groups {
		lots, err := poll.Draw(seed, group.Group, group.Lots, group.count(take))
		if err != nil {
			return nil, err
		}
		drawn[i] = DrawGroup{Group: group.Group, Lots: lots}
	}
	return drawn, nil
}

// AskKind is what a matter needs from outside to go on.
type AskKind string

// What a matter asks for: a seed committed to, the seed itself, a round closed and, if it is not
// looked into first, counted, a round counted.
const (
	AskCommit AskKind = "commit"
	AskReveal AskKind = "reveal"
	AskClose  AskKind = "close"
	AskCount  AskKind = "count"
)

// Ask is one thing a matter needs from outside; the shell gets it and brings the answer as a command.
type Ask struct {
	Kind AskKind
	ID   string // of the draw or the round
}

// Asks lists what the matter waits for from outside, in order. It follows from the state, so it outlives every restart.
func Asks(s State) []Ask {
	if s.Stage == "" || s.Stage == Closed || s.Suspended != nil {
		return nil
	}
	var asks []Ask
	names := make([]string, 0, len(s.Draws))
	for name := range s.Draws {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch draw := s.Draws[name]; {
		case draw.Commitment == "":
			asks = append(asks, Ask{AskCommit, draw.Draw})
		case draw.Lots != nil && draw.Value == "":
			asks = append(asks, Ask{AskReveal, draw.Draw})
		}
	}
	if p := s.polling(); p != nil && p.Phase == PollClosing {
		asks = append(asks, Ask{AskClose, p.Round.ID})
	} else if p != nil && p.Phase == PollCounting {
		asks = append(asks, Ask{AskCount, p.Round.ID})
	}
	return asks
}
