package procedure

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"time"

	"cel.dev/cel-go/cel"

	"duban/internal/expression"
)

// Score is a scoring: each post of the stage's Who gives one card, which it may change until the stage closes.
type Score struct {
	Each       string      `json:"each"`                 // who or what is scored: "party:districts" or "field:practices"
	Own        string      `json:"own,omitempty"`        // field of a list's entries that names the unit whose own it is
	Indicators []Indicator `json:"indicators,omitempty"` // what is scored
	Measures   string      `json:"measures,omitempty"`   // or the list field whose entries, {title, max}, are the indicators
	Formula    string      `json:"formula,omitempty"`    // CEL: a subject's score from its cards; empty: their mean
	Card       string      `json:"card"`                 // form field a card comes in; the form itself never holds it
	Into       string      `json:"into"`                 // list field of the results
	Missing    string      `json:"missing,omitempty"`    // list field of the units that gave no card
	Closes     string      `json:"closes,omitempty"`     // key of the stage's limit whose due ends it; empty: all cards do
}

// Indicator is one thing that is scored, with the range a mark must lie in.
type Indicator struct {
	Key   string  `json:"key"`
	Title string  `json:"title"`
	Min   float64 `json:"min,omitempty"`
	Max   float64 `json:"max"`
}

// Card is a post's scorecard.
type Card struct {
	Stage string    `json:"stage"`
	Post  Post      `json:"post"`
	Rows  []CardRow `json:"rows"`
	At    time.Time `json:"at"`
}

// CardRow is what a card says of one subject.
type CardRow struct {
	Subject string             `json:"subject"`
	Marks   map[string]float64 `json:"marks"` // indicator -> mark
}

// ScoreLine is one subject's result. Equal scores have equal ranks.
type ScoreLine struct {
	Subject string             `json:"subject"`
	Title   string             `json:"title"`
	Unit    string             `json:"unit,omitempty"` // whose it is
	Score   float64            `json:"score"`
	Rank    int                `json:"rank"`
	Cards   int                `json:"cards"` // that speak of it
	Marks   map[string]float64 `json:"marks"` // indicator -> mean
}

// Indicators are what a score stage's cards give marks for, now.
func (s *State) Indicators(stage *Stage) []Indicator {
	if stage.Score.Measures == "" {
		return stage.Score.Indicators
	}
	var list []Indicator
	for _, entry := range s.list(stage.Score.Measures) {
		var i Indicator
		i.Title = str(entry["title"])
		i.Key = i.Title
		_ = json.Unmarshal(entry["max"], &i.Max) // absent: no mark but nought
		if i.Key != "" && !slices.ContainsFunc(list, func(x Indicator) bool { return x.Key == i.Key }) {
			list = append(list, i)
		}
	}
	return list
}

// Subjects are whom or what a score stage's scorer gives marks to, now: not their own.
func (s *State) Subjects(stage *Stage, scorer Post) []Subject {
	return slices.DeleteFunc(s.subjects(stage.Score.Each, stage.Score.Own), func(x Subject) bool { return x.Unit != "" && x.Unit == scorer.Unit() })
}

// BlankCard is a scorer's card with every row and no marks, as the card field writes it; the marks given before, if any.
func (s *State) BlankCard(stage *Stage, scorer Post) []map[string]any {
	given := map[string]CardRow{}
	for _, c := range s.Cards {
		if c.Stage == stage.Key && c.Post == scorer {
			for _, row := range c.Rows {
				given[row.Subject] = row
			}
		}
	}
	var rows []map[string]any
	for _, subject := range s.Subjects(stage, scorer) {
		row := map[string]any{"subject": subject.ID, "title": subject.Title}
		for _, i := range s.Indicators(stage) {
			mark, marked := given[subject.ID].Marks[i.Key]
			switch {
			case stage.Score.Measures != "":
				line := map[string]any{"subject": subject.ID, "title": subject.Title, "indicator": i.Title, "max": i.Max}
				if marked {
					line["mark"] = mark
				}
				rows = append(rows, line)
			case marked:
				row[i.Key] = mark
			}
		}
		if stage.Score.Measures == "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// scorers opens a to-do for each scorer; with nobody to score or nothing to be scored it closes at once.
func (d *draft) scorers(stage *Stage) (next string, err error) {
	posts := d.s.posts(stage.Who, nil)
	subjects := d.s.subjects(stage.Score.Each, stage.Score.Own)
	posts = slices.DeleteFunc(posts, func(p Post) bool { return len(d.s.Subjects(stage, p)) == 0 })
	if len(posts) == 0 || len(subjects) == 0 || len(d.s.Indicators(stage)) == 0 {
		return "", d.closeScores(stage)
	}
	var limit int64
	for _, l := range d.s.Limits {
		if l.Stage == stage.Key {
			limit = l.Limit
			break
		}
	}
	for _, post := range posts {
		d.emit(AssignmentOpened{Assignment: d.id(), Stage: stage.Key, Post: post, Duty: DutyAct, Limit: limit})
	}
	return "", nil
}

// score takes a card: whole, in range, nobody's own.
func (d *draft) score(c Command) error {
	stage := d.stage()
	if stage.Kind != KindScore {
		return d.notHere(stage, c.Action)
	}
	post, assignment, err := d.scorer(stage, c)
	if err != nil {
		return err
	}
	rows, err := d.card(stage, post, c.Fields)
	if err != nil {
		return err
	}
	d.act(c, Assignment{AssignmentOpened: AssignmentOpened{Assignment: assignment, Stage: stage.Key, Post: post}}, nil)
	d.emit(Scored{Stage: stage.Key, Post: post, Rows: rows})
	if assignment != 0 {
		d.emit(AssignmentClosed{Assignment: assignment, How: EndedDone})
	}
	if stage.Score.Closes != "" || d.s.turn(stage.Key) {
		return nil
	}
	return d.closeScores(stage)
}

// scorer is the post for which the actor gives a card, and its to-do if that is still open.
func (d *draft) scorer(stage *Stage, c Command) (Post, int64, error) {
	for _, a := range d.s.Assignments {
		if a.Stage == stage.Key && a.Duty == DutyAct && c.Actor.Holds(a.Post) && (c.Assignment == 0 || c.Assignment == a.Assignment) {
			return a.Post, a.Assignment, nil
		}
	}
	posts := d.s.posts(stage.Who, nil)
	for _, post := range posts {
		if c.Actor.Holds(post) {
			return post, 0, nil
		}
	}
	return "", 0, &Refusal{Code: "not-your-turn", Authority: stage.Authority, Args: map[string]any{"who": postNames(posts)}}
}

// card reads and checks a card.
func (d *draft) card(stage *Stage, post Post, fields map[string]json.RawMessage) ([]CardRow, error) {
	wrong := func(code string, args map[string]any) error {
		return &Refusal{Code: code, Authority: stage.Authority, Input: true, Args: args}
	}
	for field := range fields {
		if field != stage.Score.Card {
			return nil, &Refusal{Code: "field-not-yours", Authority: stage.Authority, Args: map[string]any{"field": field}}
		}
	}
	var lines []map[string]json.RawMessage
	if json.Unmarshal(fields[stage.Score.Card], &lines) != nil || len(lines) == 0 {
		return nil, wrong("fields-missing", map[string]any{"fields": []string{stage.Score.Card}})
	}
	indicators, all := d.s.Indicators(stage), d.s.subjects(stage.Score.Each, stage.Score.Own)
	given := map[string]CardRow{}
	for _, line := range lines {
		id := str(line["subject"])
		i := slices.IndexFunc(all, func(x Subject) bool { return x.ID == id })
		if i < 0 {
			return nil, wrong("score-subject", map[string]any{"subject": cmp.Or(str(line["title"]), id)})
		}
		if all[i].Unit != "" && all[i].Unit == post.Unit() {
			return nil, wrong("score-own", map[string]any{"subject": all[i].Title})
		}
		if given[id].Marks == nil {
			given[id] = CardRow{Subject: id, Marks: map[string]float64{}}
		} else if stage.Score.Measures == "" {
			return nil, wrong("score-twice", map[string]any{"subject": all[i].Title})
		}
		for _, ind := range indicators {
			raw, ok := line[ind.Key]
			if stage.Score.Measures != "" {
				raw, ok = line["mark"], str(line["indicator"]) == ind.Key
			}
			var mark *float64
			if !ok || json.Unmarshal(raw, &mark) != nil || mark == nil {
				continue
			}
			if *mark < ind.Min || *mark > ind.Max {
				return nil, wrong("score-range", map[string]any{"subject": all[i].Title, "indicator": ind.Title, "least": ind.Min, "most": ind.Max})
			}
			if _, twice := given[id].Marks[ind.Key]; twice {
				return nil, wrong("score-twice", map[string]any{"subject": all[i].Title})
			}
			given[id].Marks[ind.Key] = *mark
		}
	}
	var rows []CardRow
	for _, subject := range d.s.Subjects(stage, post) {
		for _, ind := range indicators {
			if _, marked := given[subject.ID].Marks[ind.Key]; !marked {
				return nil, wrong("score-missing", map[string]any{"subject": subject.Title, "indicator": ind.Title})
			}
		}
		rows = append(rows, given[subject.ID])
	}
	return rows, nil
}

// closeScores counts the cards and goes on.
func (d *draft) closeScores(stage *Stage) error {
	closed := d.s.results(stage)
	d.emit(closed)
	d.runOut(stage, d.at, len(closed.Missing) > 0)
	d.put(stage.Score.Into, closed.Results)
	if stage.Score.Missing != "" {
		units := []string{}
		for _, post := range closed.Missing {
			if !slices.Contains(units, post.Unit()) {
				units = append(units, post.Unit())
			}
		}
		d.put(stage.Score.Missing, units)
	}
	d.leave(stage, "")
	return d.advance(stage.Next, "", stage.Key)
}

// results counts the cards of a stage. It does not depend on the order in which they came.
func (s *State) results(stage *Stage) ScoresClosed {
	closed := ScoresClosed{Stage: stage.Key, Results: []ScoreLine{}}
	for _, post := range s.posts(stage.Who, nil) {
		if !slices.ContainsFunc(s.Cards, func(c Card) bool { return c.Stage == stage.Key && c.Post == post }) {
			closed.Missing = append(closed.Missing, post)
		}
	}
	cards := slices.DeleteFunc(slices.Clone(s.Cards), func(c Card) bool { return c.Stage != stage.Key })
	slices.SortFunc(cards, func(a, b Card) int { return cmp.Compare(a.Post, b.Post) }) // sums of fractions depend on their order
	for _, subject := range s.subjects(stage.Score.Each, stage.Score.Own) {
		line := ScoreLine{Subject: subject.ID, Title: subject.Title, Unit: subject.Unit, Marks: map[string]float64{}}
		var totals []float64
		for _, card := range cards {
			for _, row := range card.Rows {
				if row.Subject != subject.ID {
					continue
				}
				total := 0.0
				for _, i := range s.Indicators(stage) {
					total += row.Marks[i.Key]
					line.Marks[i.Key] += row.Marks[i.Key]
				}
				totals = append(totals, total)
			}
		}
		for key := range line.Marks {
			line.Marks[key] = rounded(line.Marks[key] / float64(len(totals)))
		}
		line.Cards = len(totals)
		line.Score = rounded(stage.Score.of(totals, line.Marks))
		closed.Results = append(closed.Results, line)
	}
	slices.SortStableFunc(closed.Results, func(a, b ScoreLine) int { return cmp.Compare(b.Score, a.Score) })
	for i := range closed.Results {
		closed.Results[i].Rank = i + 1
		if i > 0 && closed.Results[i].Score == closed.Results[i-1].Score {
			closed.Results[i].Rank = closed.Results[i-1].Rank
		}
	}
	return closed
}

// rounded keeps four decimals: what is shown is what is compared.
func rounded(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// formulas see the cards' totals of one subject as count, sum, mean, highest and lowest, and marks (indicator -> mean), and
// are a number.
var formulas = expression.NewLanguage(cel.DoubleType,
	cel.Variable("count", cel.IntType), cel.Variable("sum", cel.DoubleType), cel.Variable("mean", cel.DoubleType),
	cel.Variable("highest", cel.DoubleType), cel.Variable("lowest", cel.DoubleType),
	cel.Variable("marks", cel.MapType(cel.StringType, cel.DoubleType)),
)

// CheckScore says what is wrong with a formula.
func CheckScore(formula string) error {
	_, _, err := formulas.Compile(formula)
	return err
}

// of is a subject's score; nought without a card, the mean where there is no formula or it gives no number.
func (sc *Score) of(totals []float64, marks map[string]float64) float64 {
	if len(totals) == 0 {
		return 0
	}
	sum := 0.0
	for _, total := range totals {
		sum += total
	}
	mean := sum / float64(len(totals))
	if sc.Formula == "" {
		return mean
	}
	program, err := formulas.Program(sc.Formula)
	if err != nil {
		return mean
	}
	result, _, err := program.Eval(map[string]any{"count": int64(len(totals)), "sum": sum, "mean": mean,
		"highest": slices.Max(totals), "lowest": slices.Min(totals), "marks": marks})
	if err != nil {
		return mean
	}
	if x, ok := result.Value().(float64); ok && !math.IsNaN(x) && !math.IsInf(x, 0) {
		return x
	}
	return mean
}
