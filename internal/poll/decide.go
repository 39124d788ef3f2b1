package poll

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Exclusion is ballots that do not count, by whose decision and why. It is decided without seeing for whom they are.
type Exclusion struct {
	ID      int       `json:"id"`
	Reason  string    `json:"reason"`
	Post    string    `json:"post"` // that decided
	At      time.Time `json:"at"`
	Ballots int       `json:"ballots"`
}

// Result is what a round came to. Rows stand by place.
type Result struct {
	Round      string      `json:"round"`
	Ballots    []Turnout   `json:"ballots"`
	Districts  []Cast      `json:"districts"`
	Rows       []Row       `json:"rows"`
	Winners    []string    `json:"winners"` // ids, in the order they are listed
	Ties       []Tie       `json:"ties"`
	Exclusions []Exclusion `json:"exclusions"`
}

// Turnout is how many ballots of a class count.
type Turnout struct {
	Class   Class `json:"class"`
	Counted int   `json:"counted"`
}

// Cast is how many ballots a district's people cast, excluded ones too, out of how many eligible.
type Cast struct {
	District string `json:"district"`
	Ballots  int    `json:"ballots"`
}

// Row is one option's outcome.
type Row struct {
	Option string `json:"option"`
	Unit   int    `json:"unit"`   // votes of units
	Public int    `json:"public"` // votes of the public
	Score  int64  `json:"score"`  // in millionths
	Place  int    `json:"place"`  // from 1, each once
	Wins   bool   `json:"wins"`
}

// Tie is options that were level, and the rule that parted them: "score" where the list by votes of the public fell back
// on the places. Groups stand in the order the rule gave them; a group of several is parted by the next tie.
type Tie struct {
	In     Order      `json:"in"`    // the order they were level in
	Place  int        `json:"place"` // the first place they were level for
	Rule   Rule       `json:"rule"`
	Groups [][]string `json:"groups"` // ids
}

// RuleScore parts what is level in the votes of the public when winners are listed by them.
const RuleScore Rule = "score"

// Decide says who wins. tieSeed is [TieSeed]'s; exclusions are those the tally already leaves out, and are only stated.
func Decide(r *Round, t Tally, exclusions []Exclusion, tieSeed string) (Result, error) {
	score, err := compile(r.Formula)
	if err != nil {
		return Result{}, err
	}
	d := decision{round: r, seed: tieSeed, result: Result{Round: r.ID, Ballots: []Turnout{}, Districts: []Cast{}, Ties: []Tie{}, Exclusions: exclusions}}
	if exclusions == nil {
		d.result.Exclusions = []Exclusion{}
	}
	for _, class := range r.Classes() {
		d.result.Ballots = append(d.result.Ballots, Turnout{class, t.Ballots[class]})
	}
	for _, district := range r.Districts {
		d.result.Districts = append(d.result.Districts, Cast{district.ID, t.Cast[district.ID]})
	}
	rows := make([]standing, len(r.Options))
	for i, o := range r.Options {
		row := Row{Option: o.ID, Unit: t.Votes[ClassUnit][o.ID], Public: t.Votes[ClassPublic][o.ID]}
		unit := share(row.Unit, t.Ballots[ClassUnit])
		public := math.Min(share(row.Public, t.Ballots[ClassPublic]), r.PublicCap)
		if row.Score, err = score(unit, public); err != nil {
			return Result{}, err
		}
		rows[i] = standing{row, o}
	}
	if rows, err = d.place(rows); err != nil {
		return Result{}, err
	}
	for i := range rows {
		rows[i].row.Place, rows[i].row.Wins = i+1, i < r.Winners
		d.result.Rows = append(d.result.Rows, rows[i].row)
	}
	d.list(rows[:r.Winners])
	return d.result, nil
}

// share is the part of ballots that named an option.
func share(votes, ballots int) float64 {
	if ballots == 0 {
		return 0
	}
	return float64(votes) / float64(ballots)
}

type standing struct {
	row    Row
	option Option
}

type decision struct {
	round  *Round
	seed   string
	result Result
}

// place puts rows in order of score, and parts those that are level by the round's rules.
func (d *decision) place(rows []standing) ([]standing, error) {
	var placed []standing
	for _, level := range levels(rows, func(a, b standing) int { return cmp.Compare(b.row.Score, a.row.Score) }) {
		parted, err := d.part(level, len(placed)+1, d.round.Ties)
		if err != nil {
			return nil, err
		}
		placed = append(placed, parted...)
	}
	return placed, nil
}

// part puts rows that are level in order by the rules left; a rule that parts none of them is passed over unsaid.
func (d *decision) part(level []standing, place int, rules []Rule) ([]standing, error) {
	if len(level) == 1 {
		return level, nil
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("%w: no rule parts the options from place %d", ErrRound, place)
	}
	compare, err := d.comparison(rules[0], place, level)
	if err != nil {
		return nil, err
	}
	groups := levels(level, compare)
	if len(groups) > 1 {
		d.state(OrderScore, place, rules[0], groups)
	}
	var parted []standing
	for _, group := range groups {
		more, err := d.part(group, place+len(parted), rules[1:])
		if err != nil {
			return nil, err
		}
		parted = append(parted, more...)
	}
	return parted, nil
}

func (d *decision) comparison(rule Rule, place int, level []standing) (func(a, b standing) int, error) {
	switch rule {
	case RulePublic:
		return byPublic, nil
	case RuleUnit:
		return func(a, b standing) int { return cmp.Compare(b.row.Unit, a.row.Unit) }, nil
	case RuleEarlier:
		return func(a, b standing) int { return a.option.Recommended.Compare(b.option.Recommended) }, nil
	}
	keys := make([]string, len(level))
	for i, s := range level {
		keys[i] = tieKey(s.option)
	}
	drawn, err := Draw(d.seed, fmt.Sprintf("tie/%d", place), keys, len(keys))
	return func(a, b standing) int {
		return cmp.Compare(slices.Index(drawn, tieKey(a.option)), slices.Index(drawn, tieKey(b.option)))
	}, err
}

func byPublic(a, b standing) int { return cmp.Compare(b.row.Public, a.row.Public) }

// list puts the winners in the order the round lists them in.
func (d *decision) list(winners []standing) {
	if d.round.Order == OrderScore {
		d.name(winners)
		return
	}
	first := 1
	for _, level := range levels(winners, byPublic) {
		if len(level) > 1 {
			var each [][]standing
			for i := range level {
				each = append(each, level[i:i+1])
			}
			d.state(OrderPublic, first, RuleScore, each)
		}
		d.name(level)
		first += len(level)
	}
}

func (d *decision) name(winners []standing) {
	for _, s := range winners {
		d.result.Winners = append(d.result.Winners, s.option.ID)
	}
}

func (d *decision) state(in Order, place int, rule Rule, groups [][]standing) {
	tie := Tie{In: in, Place: place, Rule: rule}
	for _, group := range groups {
		// Within a group nothing is decided yet: by number, so that the order of options in the definition shows nowhere.
		slices.SortFunc(group, func(a, b standing) int { return cmp.Compare(a.option.Number, b.option.Number) })
		ids := make([]string, len(group))
		for i, s := range group {
			ids[i] = s.option.ID
		}
		tie.Groups = append(tie.Groups, ids)
	}
	d.result.Ties = append(d.result.Ties, tie)
}

// levels sorts rows and cuts them where the comparison tells them apart.
func levels(rows []standing, compare func(a, b standing) int) [][]standing {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, compare)
	var out [][]standing
	for i, s := range sorted {
		if i > 0 && compare(sorted[i-1], s) == 0 {
			out[len(out)-1] = append(out[len(out)-1], s)
			continue
		}
		out = append(out, []standing{s})
	}
	return out
}
