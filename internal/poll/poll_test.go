package poll_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/poll"
	"duban/internal/poll/polltest"
)

var (
	opens  = time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	closes = opens.Add(7 * 24 * time.Hour)
	seed   = strings.Repeat("5e", 32)
)

// round is a vote of units and the public on so many options.
func round(options, winners int) poll.Round {
	r := poll.Round{
		ID: "first-half.second-vote.1", Title: "二次投票评选", Choices: poll.Choices{Min: 1, Max: options},
		Units:     []poll.Unit{{ID: "zhangdian", Name: "张店区"}, {ID: "boshan", Name: "博山区"}, {ID: "economy", Name: "经济专项小组"}},
		Districts: []poll.District{{ID: "zhangdian", Name: "张店区", Eligible: 1000}, {ID: "boshan", Name: "博山区", Eligible: 500}},
		Opens:     opens, Closes: closes, Winners: winners, Formula: "0.5 * unit + 0.5 * public", PublicCap: 1, Order: poll.OrderPublic,
		Ties: []poll.Rule{poll.RulePublic, poll.RuleUnit, poll.RuleEarlier, poll.RuleDraw}, Draw: poll.Commit(seed),
		Promises: poll.Promises{Hidden: true},
	}
	for i := range options {
		r.Options = append(r.Options, poll.Option{ID: fmt.Sprintf("o%d", i+1), Number: i + 1, Title: fmt.Sprintf("经验%d", i+1),
			Recommended: opens.Add(time.Duration(i-options) * time.Hour)})
	}
	r.Options[0].Units = []string{"zhangdian"}
	return r
}

func public(choices ...string) poll.Ballot {
	return poll.Ballot{Class: poll.ClassPublic, District: "zhangdian", Choices: choices, Cast: opens}
}

func unit(id string, choices ...string) poll.Ballot {
	return poll.Ballot{Class: poll.ClassUnit, Unit: id, Choices: choices, Cast: opens}
}

func TestCheck(t *testing.T) {
	r := round(5, 2)
	r.Choices = poll.Choices{Min: 2, Max: 3}
	require.NoError(t, r.Validate())
	at := func(b poll.Ballot, at time.Time) poll.Ballot { b.Cast = at; return b }
	for name, c := range map[string]struct {
		ballot poll.Ballot
		code   poll.Code
		option string
	}{
		"first instant":     {public("o1", "o2"), "", ""},
		"last instant":      {at(public("o1", "o2"), closes.Add(-1)), "", ""},
		"a second early":    {at(public("o1", "o2"), opens.Add(-time.Second)), poll.CodeEarly, ""},
		"the closing one":   {at(public("o1", "o2"), closes), poll.CodeLate, ""},
		"a second late":     {at(public("o1", "o2"), closes.Add(time.Second)), poll.CodeLate, ""},
		"too few":           {public("o1"), poll.CodeFew, ""},
		"none":              {public(), poll.CodeFew, ""},
		"too many":          {public("o1", "o2", "o3", "o4"), poll.CodeMany, ""},
		"twice":             {public("o1", "o2", "o1"), poll.CodeTwice, "o1"},
		"unknown":           {public("o1", "o9"), poll.CodeUnknown, "o9"},
		"own":               {unit("zhangdian", "o2", "o1"), poll.CodeOwn, "o1"},
		"another's":         {unit("boshan", "o2", "o1"), "", ""},
		"not a unit's roll": {unit("linzi", "o2", "o1"), poll.CodeNotOn, ""},
		"no district":       {poll.Ballot{Class: poll.ClassPublic, District: "jinan", Choices: []string{"o1", "o2"}, Cast: opens}, poll.CodeNotOn, ""},
		"no class":          {poll.Ballot{District: "zhangdian", Choices: []string{"o1", "o2"}, Cast: opens}, poll.CodeNotOn, ""},
	} {
		refused := check(&r, c.ballot)
		if c.code == "" {
			assert.Nil(t, refused, name)
			continue
		}
		if assert.NotNil(t, refused, name) {
			assert.Equal(t, poll.Refusal{Code: c.code, Option: c.option}, *refused, name)
		}
	}
	r.OwnChoice = true
	assert.Nil(t, check(&r, unit("zhangdian", "o2", "o1")), "where one's own may be chosen")
}

func TestValidate(t *testing.T) {
	for name, spoil := range map[string]func(*poll.Round){
		"no id":               func(r *poll.Round) { r.ID = "" },
		"an id in a path":     func(r *poll.Round) { r.ID = "a/b" },
		"nobody votes":        func(r *poll.Round) { r.Units, r.Districts = nil, nil },
		"same option":         func(r *poll.Round) { r.Options[1].ID = "o1" },
		"same number":         func(r *poll.Round) { r.Options[1].Number = 1 },
		"a comma":             func(r *poll.Round) { r.Options[1].ID = "o,2" },
		"same unit":           func(r *poll.Round) { r.Units[1] = r.Units[0] },
		"too many win":        func(r *poll.Round) { r.Winners = 6 },
		"nothing to choose":   func(r *poll.Round) { r.Choices.Min = 0 },
		"more than there are": func(r *poll.Round) { r.Choices.Max = 6 },
		"only its own left":   func(r *poll.Round) { r.Choices.Min = 5 },
		"closes first":        func(r *poll.Round) { r.Closes = r.Opens },
		"no cap":              func(r *poll.Round) { r.PublicCap = 0 },
		"no number":           func(r *poll.Round) { r.PublicCap = math.NaN() },
		"no order":            func(r *poll.Round) { r.Order = "" },
		"no draw":             func(r *poll.Round) { r.Ties = r.Ties[:3] },
		"draw first":          func(r *poll.Round) { slices.Reverse(r.Ties) },
		"another rule":        func(r *poll.Round) { r.Ties[0] = "id" },
		"no commitment":       func(r *poll.Round) { r.Draw = "" },
		"no formula":          func(r *poll.Round) { r.Formula = "votes" },
	} {
		r := round(5, 2)
		spoil(&r)
		assert.ErrorIs(t, r.Validate(), poll.ErrRound, name)
	}
}

func TestFormula(t *testing.T) {
	for _, good := range []string{"unit", "0.5 * unit + 0.5 * public", "(2.0 * unit + public) / 3.0", "unit - public*0.25"} {
		assert.NoError(t, poll.CheckFormula(good), good)
	}
	for _, bad := range []string{"", "1", "1 * unit", "unit / public", "unit / 0.0", "unit / (1.0 - 1.0)", "-unit", "1e3 * unit", "unit > 0.5 ? 1.0 : 0.0",
		"unit unit", "(unit", "double('1')", "9999999.0 * unit", "unit % 2.0", "0.5 * private"} {
		assert.ErrorIs(t, poll.CheckFormula(bad), poll.ErrFormula, bad)
	}
}

// check says whether a ballot is good when it is cast, as the store asks.
func check(r *poll.Round, b poll.Ballot) *poll.Refusal {
	if refused := r.Open(b.Cast); refused != nil {
		return refused
	}
	return poll.Judge(r, b)
}

func decide(t require.TestingT, r poll.Round, ballots []poll.Ballot) poll.Result {
	result, err := poll.Decide(&r, polltest.Count(&r, ballots), nil, poll.TieSeed(seed, "root"))
	require.NoError(t, err)
	return result
}

func TestEachRuleBreaksItsTie(t *testing.T) {
	r := round(4, 2)
	// One unit's vote weighs as much as one of the public here: three ballots of each class.
	ballots := []poll.Ballot{unit("boshan", "o1", "o2"), unit("economy", "o1", "o2"), unit("zhangdian", "o2", "o3"),
		public("o1", "o3"), public("o1", "o4"), public("o4", "o3")}
	// o1: 2 + 2, o2: 3 + 0, o3: 1 + 2, o4: 0 + 2; o2 and o3 are level at three.
	result := decide(t, r, ballots)
	assert.Equal(t, []poll.Row{
		{Option: "o1", Unit: 2, Public: 2, Score: 666667, Place: 1, Wins: true},
		{Option: "o3", Unit: 1, Public: 2, Score: 500000, Place: 2, Wins: true},
		{Option: "o2", Unit: 3, Public: 0, Score: 500000, Place: 3},
		{Option: "o4", Unit: 0, Public: 2, Score: 333333, Place: 4},
	}, result.Rows)
	assert.Equal(t, []poll.Tie{
		{In: poll.OrderScore, Place: 2, Rule: poll.RulePublic, Groups: [][]string{{"o3"}, {"o2"}}},
		{In: poll.OrderPublic, Place: 1, Rule: poll.RuleScore, Groups: [][]string{{"o1"}, {"o3"}}},
	}, result.Ties)
	assert.Equal(t, []string{"o1", "o3"}, result.Winners)
	assert.Equal(t, []poll.Turnout{{Class: poll.ClassUnit, Counted: 3}, {Class: poll.ClassPublic, Counted: 3}}, result.Ballots)
	assert.Equal(t, []poll.Cast{{District: "zhangdian", Ballots: 3}, {District: "boshan"}}, result.Districts)

	r.Ties = []poll.Rule{poll.RuleUnit, poll.RuleDraw}
	assert.Equal(t, poll.Tie{In: poll.OrderScore, Place: 2, Rule: poll.RuleUnit, Groups: [][]string{{"o2"}, {"o3"}}}, decide(t, r, ballots).Ties[0])
	r.Ties = []poll.Rule{poll.RuleEarlier, poll.RuleDraw}
	assert.Equal(t, poll.Tie{In: poll.OrderScore, Place: 2, Rule: poll.RuleEarlier, Groups: [][]string{{"o2"}, {"o3"}}}, decide(t, r, ballots).Ties[0])

	r = round(4, 2)
	for i := range r.Options {
		r.Options[i].Recommended = opens
	}
	none := decide(t, r, nil)
	require.Len(t, none.Ties, 2, "nobody voted: all are drawn, and listed by place")
	assert.Equal(t, poll.RuleDraw, none.Ties[0].Rule)
	assert.Len(t, none.Ties[0].Groups, 4)
	drawn, err := poll.Draw(poll.TieSeed(seed, "root"), "tie/1", []string{"000001", "000002", "000003", "000004"}, 4)
	require.NoError(t, err)
	for i, group := range none.Ties[0].Groups {
		assert.Equal(t, drawn[i][5:], group[0][1:])
	}
}

// The public's cap holds however many vote.
func TestPublicCap(t *testing.T) {
	r := round(3, 1)
	r.PublicCap = 0.4
	result := decide(t, r, []poll.Ballot{public("o2"), public("o2"), public("o2", "o3")})
	assert.EqualValues(t, 200000, result.Rows[0].Score)
}

// genRound draws a round and ballots for it.
func genRound(t *rapid.T) (poll.Round, []poll.Ballot) {
	n := rapid.IntRange(2, 8).Draw(t, "options")
	r := round(n, rapid.IntRange(1, n).Draw(t, "winners"))
	r.Order = rapid.SampledFrom([]poll.Order{poll.OrderScore, poll.OrderPublic}).Draw(t, "order")
	r.Ties = append(rapid.Permutation([]poll.Rule{poll.RulePublic, poll.RuleUnit, poll.RuleEarlier}).Draw(t, "rules")[:rapid.IntRange(0, 3).Draw(t, "n")], poll.RuleDraw)
	for i := range r.Options {
		r.Options[i].Recommended = opens.Add(-time.Duration(rapid.IntRange(0, 2).Draw(t, "earlier")) * time.Hour)
		r.Options[i].Units = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"zhangdian", "boshan", "economy"}), 0, 1, rapid.ID).Draw(t, "own")
	}
	var ballots []poll.Ballot
	for range rapid.IntRange(0, 12).Draw(t, "ballots") {
		b := public()
		if rapid.Bool().Draw(t, "unit") {
			b = unit(rapid.SampledFrom(r.Units).Draw(t, "who").ID)
		}
		for _, o := range r.Options {
			if rapid.Bool().Draw(t, "chosen") {
				b.Choices = append(b.Choices, o.ID)
			}
		}
		if check(&r, b) == nil {
			ballots = append(ballots, b)
		}
	}
	return r, ballots
}

// Ids, the order of options and the order of arrival decide nothing.
func TestNothingButVotesAndRulesDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, ballots := genRound(t)
		result := decide(t, r, ballots)

		names := rapid.Permutation([]string{"a", "b", "c", "d", "e", "f", "g", "h"}).Draw(t, "names")
		renamed, rename := r, map[string]string{}
		renamed.Options = slices.Clone(r.Options)
		for i, o := range r.Options {
			rename[o.ID] = names[i]
			renamed.Options[i].ID = names[i]
		}
		renamed.Options = rapid.Permutation(renamed.Options).Draw(t, "permuted")
		again := make([]poll.Ballot, len(ballots))
		for i, b := range ballots {
			again[i] = b
			again[i].Choices = nil
			for _, id := range b.Choices {
				again[i].Choices = append(again[i].Choices, rename[id])
			}
			slices.Reverse(again[i].Choices)
		}
		if len(again) > 0 {
			again = rapid.Permutation(again).Draw(t, "arrival")
		}
		other := decide(t, renamed, again)
		for i := range result.Rows {
			result.Rows[i].Option = rename[result.Rows[i].Option]
		}
		for i := range result.Winners {
			result.Winners[i] = rename[result.Winners[i]]
		}
		for _, tie := range result.Ties {
			for _, group := range tie.Groups {
				for i := range group {
					group[i] = rename[group[i]]
				}
			}
		}
		assert.Equal(t, result, other)
	})
}

// Counts add up, places are each given once, as many win as should, scores never rise down the list, and no unit's vote
// went to its own.
func TestResultsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, ballots := genRound(t)
		result := decide(t, r, ballots)
		cast, votes, wins := 0, 0, 0
		for _, b := range ballots {
			votes += len(b.Choices)
			for _, id := range b.Choices {
				o, _ := r.Option(id)
				assert.False(t, b.Class == poll.ClassUnit && slices.Contains(o.Units, b.Unit), "voted for its own")
			}
		}
		for i, row := range result.Rows {
			cast += row.Unit + row.Public
			assert.Equal(t, i+1, row.Place)
			if row.Wins {
				wins++
			}
			if i > 0 {
				assert.LessOrEqual(t, row.Score, result.Rows[i-1].Score)
				assert.True(t, !row.Wins || result.Rows[i-1].Wins)
				level := row.Score == result.Rows[i-1].Score
				assert.Equal(t, level, slices.ContainsFunc(result.Ties, func(tie poll.Tie) bool {
					return tie.In == poll.OrderScore && parted(tie, row.Option, result.Rows[i-1].Option)
				}), "a tie is stated where there is one")
			}
		}
		assert.Equal(t, votes, cast)
		assert.Equal(t, r.Winners, wins)
		assert.Len(t, result.Winners, wins)
		assert.Equal(t, len(ballots), result.Ballots[0].Counted+result.Ballots[1].Counted)
	})
}

func parted(tie poll.Tie, a, b string) bool {
	in := func(id string) int {
		return slices.IndexFunc(tie.Groups, func(group []string) bool { return slices.Contains(group, id) })
	}
	return in(a) >= 0 && in(b) >= 0 && in(a) != in(b)
}

// However many votes are bought, and for whatever, a score moves by no more than the public's weight times the share of its
// ballots that was bought, and never by more than that weight times the cap; as docs/verify.md says.
func TestBoughtVotesMoveLittle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, ballots := genRound(t)
		weight := float64(rapid.IntRange(0, 100).Draw(t, "weight")) / 100
		r.Formula = fmt.Sprintf("%.2f * unit + %.2f * public", 1-weight, weight)
		r.PublicCap = float64(rapid.IntRange(1, 10).Draw(t, "cap")) / 10
		before := decide(t, r, ballots)
		bought := rapid.IntRange(1, 30).Draw(t, "bought")
		for range bought {
			b := public(r.Options[0].ID)
			for _, o := range r.Options[1:] {
				if rapid.Bool().Draw(t, "too") {
					b.Choices = append(b.Choices, o.ID)
				}
			}
			ballots = append(ballots, b)
		}
		honest := before.Ballots[1].Counted
		bound := weight*math.Min(r.PublicCap, float64(bought)/float64(honest+bought))*1e6 + 1 // and rounding
		after := decide(t, r, ballots)
		for _, row := range after.Rows {
			was := before.Rows[slices.IndexFunc(before.Rows, func(b poll.Row) bool { return b.Option == row.Option })]
			assert.LessOrEqual(t, math.Abs(float64(row.Score-was.Score)), bound)
		}
	})
}

// The city's second vote: half and half, the public capped at four fifths. Who buys one ballot in fifty moves no score by more than one
// point of a hundred, and who buys them all by no more than forty.
func TestBoughtVotesOfTheSecondVote(t *testing.T) {
	r := round(20, 10)
	r.Formula, r.PublicCap = "0.5 * unit + 0.5 * public", 0.8
	var honest []poll.Ballot
	for i := range 980 {
		honest = append(honest, public(fmt.Sprintf("o%d", 1+i%20), fmt.Sprintf("o%d", 1+(i*7+3)%20)))
	}
	for i, u := range r.Units {
		honest = append(honest, unit(u.ID, fmt.Sprintf("o%d", 2+i)))
	}
	was := map[string]int64{}
	for _, row := range decide(t, r, honest).Rows {
		was[row.Option] = row.Score
	}
	for bought, most := range map[int]int64{20: 10_000, 1_000_000: 400_000} {
		for _, row := range decide(t, r, append(slices.Clone(honest), slices.Repeat([]poll.Ballot{public("o20")}, bought)...)).Rows {
			assert.LessOrEqual(t, max(row.Score-was[row.Option], was[row.Option]-row.Score), most+1, "%d bought, %s", bought, row.Option)
		}
	}
}
