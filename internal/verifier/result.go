package verifier

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// result is what is published and worked out, but for exclusions' words.
type result struct {
	Round                          string
	Ballots, Districts, Exclusions []struct {
		Class, District      string
		ID, Counted, Ballots int
	}
	Rows    []row
	Winners []string
	Ties    []tie
}

type row struct {
	Option              string
	Unit, Public, Place int
	Score               int64
	Wins                bool
}

type tie struct {
	In, Rule string
	Place    int
	Groups   [][]string
}

// compare works the result out and holds the published one against it.
func (v *vote) compare(published result) {
	check(published.Round == v.round.ID && len(published.Districts) == len(v.round.Districts), "result", "round")
	for i, d := range published.Districts {
		roll := v.round.Districts[i]
		check(d.District == roll.ID && d.Ballots >= 0 && d.Ballots <= roll.Eligible, "roll", d.District)
		v.standing -= d.Ballots
	}
	check(v.standing == 0, "roll", "districts")
	known := v.statuses["counted"] + v.statuses["replaced"]
	for i, e := range published.Exclusions {
		n := v.statuses["excluded-"+strconv.Itoa(e.ID)]
		check(e.ID == i+1 && e.Ballots == n, "exclusion", strconv.Itoa(e.ID))
		known += n
	}
	check(int64(known) == v.ballots, "exclusion", "ballots.csv")
	var classes []string
	for _, b := range published.Ballots {
		check(b.Counted == v.counted[b.Class], "result", b.Class)
		classes = append(classes, b.Class)
	}
	check(slices.Contains(classes, "unit") == (len(v.round.Units) > 0) && slices.Contains(classes, "public") == (len(v.round.Districts) > 0) &&
		len(v.counted) <= len(classes), "result", "ballots")
	p := &placing{vote: v}
	p.place()
	check(slices.Equal(p.rows, published.Rows), "result", "rows")
	check(slices.Equal(p.winners, published.Winners), "result", "winners")
	check(reflect.DeepEqual(p.ties, append([]tie(nil), published.Ties...)), "result", "ties")
}

// placing puts options in order, and keeps which ties were broken on the way.
type placing struct {
	*vote
	rows    []row
	ties    []tie
	winners []string
}

func (p *placing) place() {
	var rows []row
	for _, o := range p.round.Options {
		r := row{Option: o.ID, Unit: p.votes["unit"][o.ID], Public: p.votes["public"][o.ID]}
		formula, err := parser.ParseExpr(p.round.Formula) // Go's expressions are written as the document's are
		check(err == nil, "formula", p.round.Formula)
		shares := map[string]float64{"unit": share(r.Unit, p.counted["unit"]), "public": min(share(r.Public, p.counted["public"]), p.round.PublicCap)}
		r.Score = int64(math.Floor(float64(evaluate(formula, shares)*1e6) + 0.5))
		rows = append(rows, r)
	}
	for _, level := range cut(rows, func(a, b row) int { return cmp.Compare(b.Score, a.Score) }) {
		p.part(level, p.round.Ties)
	}
	for i := range p.rows {
		p.rows[i].Place, p.rows[i].Wins = i+1, i < p.round.Winners
	}
	check(p.round.Winners >= 0 && p.round.Winners <= len(p.rows), "rules", "winners")
	groups := [][]row{p.rows[:p.round.Winners]}
	if p.round.Order == "public" {
		groups = cut(groups[0], p.rule("public", nil))
	}
	for _, group := range groups {
		t := tie{In: "public", Rule: "score", Place: len(p.winners) + 1}
		for _, r := range group {
			t.Groups, p.winners = append(t.Groups, []string{r.Option}), append(p.winners, r.Option)
		}
		if len(group) > 1 && p.round.Order == "public" {
			p.ties = append(p.ties, t)
		}
	}
}

// part puts rows that are level in order by the rules left.
func (p *placing) part(level []row, rules []string) {
	if len(level) == 1 {
		p.rows = append(p.rows, level[0])
		return
	}
	check(len(rules) > 0, "rules", "ties")
	groups := cut(level, p.rule(rules[0], level))
	if len(groups) > 1 {
		t := tie{In: "score", Rule: rules[0], Place: len(p.rows) + 1}
		for _, group := range groups {
			group = slices.SortedFunc(slices.Values(group), func(a, b row) int { return p.options[a.Option].Number - p.options[b.Option].Number })
			var ids []string
			for _, r := range group {
				ids = append(ids, r.Option)
			}
			t.Groups = append(t.Groups, ids)
		}
		p.ties = append(p.ties, t)
	}
	for _, group := range groups {
		p.part(group, rules[1:])
	}
}

// rule is a rule as a comparison.
func (p *placing) rule(name string, level []row) func(a, b row) int {
	switch name {
	case "public":
		return func(a, b row) int { return b.Public - a.Public }
	case "unit":
		return func(a, b row) int { return b.Unit - a.Unit }
	case "earlier":
		return func(a, b row) int { return p.options[a.Option].Recommended.Compare(p.options[b.Option].Recommended) }
	}
	check(name == "draw", "rules", name)
	key := func(r row) string { return fmt.Sprintf("%06d", p.options[r.Option].Number) }
	var keys []string
	for _, r := range level {
		keys = append(keys, key(r))
	}
	drawn := draw(digest("duban/ties/v1", p.closing[5], p.closing[3]), fmt.Sprintf("tie/%d", len(p.rows)+1), keys, len(keys))
	return func(a, b row) int { return slices.Index(drawn, key(a)) - slices.Index(drawn, key(b)) }
}

// cut sorts rows and puts together those that are level.
func cut(rows []row, compare func(a, b row) int) (groups [][]row) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, compare)
	for i, r := range rows {
		if i == 0 || compare(rows[i-1], r) != 0 {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], r)
	}
	return groups
}

func share(votes, ballots int) float64 {
	return float64(votes) / float64(max(1, ballots)) // of no ballot there are no votes
}

// evaluate works an expression out, each operation rounded by itself: the conversions keep them from being fused.
func evaluate(e ast.Expr, shares map[string]float64) (value float64) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return evaluate(e.X, shares)
	case *ast.Ident:
		value, known := shares[e.Name]
		check(known, "formula", e.Name)
		return value
	case *ast.BinaryExpr:
		a, b := evaluate(e.X, shares), evaluate(e.Y, shares)
		switch e.Op {
		case token.ADD:
			return float64(a + b)
		case token.SUB:
			return float64(a - b)
		case token.MUL:
			return float64(a * b)
		case token.QUO:
			return float64(a / b)
		}
	case *ast.BasicLit:
		value, err := strconv.ParseFloat(e.Value, 64)
		check(err == nil, "formula", e.Value)
		return value
	}
	panic(&Fault{"formula", ""})
}
