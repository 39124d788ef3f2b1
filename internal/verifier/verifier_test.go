package verifier_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"duban/internal/poll"
	"duban/internal/poll/polltest"
	"duban/internal/verifier"
)

var opens = time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)

// The verifier stays small enough to be read through: at most 500 lines of code.
func TestVerifierIsShort(t *testing.T) {
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	lines := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
		assert.False(t, strings.Contains(string(text), `"duban/internal`), "%s imports nothing of duban", name)
	}
	assert.LessOrEqual(t, lines, 500)
}

// site publishes rounds as duban does: it has the key.
type site struct {
	signer note.Signer
	key    string
}

func newSite(t require.TestingT) site {
	secret, key, err := poll.NewKey(rand.Reader)
	require.NoError(t, err)
	signer, err := note.NewSigner(secret)
	require.NoError(t, err)
	return site{signer, key}
}

// published is a round that ran to its end, and what it was made from, for spoiling.
type published struct {
	round    poll.Round
	seed     string
	entries  []poll.Entry
	receipts []string
	cast     map[string]int
	heads    []string
	result   poll.Result
	closed   time.Time
}

// run plays a round whose ballots the draw decides.
func run(t require.TestingT, s site, draw func(name string, n int) int) *published {
	seed, err := poll.NewSeed(rand.Reader)
	require.NoError(t, err)
	r := poll.Round{
		ID: "half-year.vote.1", Title: "二次投票评选", Choices: poll.Choices{Min: 1, Max: 4}, Winners: 1 + draw("winners", 4),
		Units:     []poll.Unit{{ID: "zhangdian", Name: "张店区"}, {ID: "boshan", Name: "博山区"}, {ID: "economy", Name: "经济专项小组"}},
		Districts: []poll.District{{ID: "zhangdian", Name: "张店区", Eligible: 60}, {ID: "boshan", Name: "博山区", Eligible: 40}},
		Opens:     opens, Closes: opens.Add(time.Hour), PublicCap: float64(6+draw("cap", 5)) / 10,
		Formula: []string{"0.5 * unit + 0.5 * public", "unit", "(2.0 * unit + public) / 3.0 - 0.1 * public"}[draw("formula", 3)],
		Order:   []poll.Order{poll.OrderScore, poll.OrderPublic}[draw("order", 2)],
		Ties:    append([]poll.Rule{poll.RulePublic, poll.RuleUnit, poll.RuleEarlier}[draw("rules", 4):], poll.RuleDraw), Draw: poll.Commit(seed),
		Promises: poll.Promises{Secret: draw("secret", 2) == 1, Hidden: true},
	}
	for i := range 5 {
		r.Options = append(r.Options, poll.Option{ID: fmt.Sprint("o", i), Number: 5 - i, Title: fmt.Sprint("经验", i), Units: []string{r.Units[i%3].ID},
			Recommended: opens.Add(-time.Duration(draw("recommended", 2)) * time.Hour)})
	}
	require.NoError(t, r.Validate())
	p := &published{round: r, seed: seed, cast: map[string]int{}, closed: opens.Add(time.Hour + time.Millisecond)}
	edge, latest := poll.Edge{}, map[string]int{}
	for i := range draw("ballots", 40) {
		b := poll.Ballot{Class: poll.ClassPublic, District: r.Districts[draw("district", 2)].ID, Cast: opens}
		who := fmt.Sprint("voter", draw("voter", 30))
		if draw("class", 3) == 0 {
			who = r.Units[draw("unit", 3)].ID
			b = poll.Ballot{Class: poll.ClassUnit, Unit: who, Cast: opens}
		}
		for _, o := range r.Options {
			if draw("chosen", 2) == 1 {
				b.Choices = append(b.Choices, o.ID)
			}
		}
		if poll.Judge(&r, b) != nil {
			continue
		}
		receipt, err := poll.NewReceipt(rand.Reader)
		require.NoError(t, err)
		e := poll.Entry{Mark: poll.Mark(r.ID, receipt), Class: b.Class, Unit: r.Shown(b), Choices: r.Canonical(b.Choices), Status: poll.Counted}
		e.Leaf = poll.Leaf(r.ID, receipt, e.Class, e.Unit, e.Choices)
		if before, again := latest[who]; again {
			p.entries[before].Status = poll.Replaced
		} else if b.Class == poll.ClassPublic {
			p.cast[b.District]++
		}
		latest[who] = len(p.entries)
		p.entries, p.receipts, edge = append(p.entries, e), append(p.receipts, receipt), edge.Append(e.Leaf)
		if draw("head", 8) == 0 {
			head, err := poll.Head{Round: r.ID, Size: edge.Size, Root: edge.Root(), At: opens.Add(time.Duration(i))}.Sign(s.signer)
			require.NoError(t, err)
			p.heads = append(p.heads, head)
		}
	}
	if n := len(p.entries) - 1; n > 2 && p.entries[n].Status == poll.Counted {
		p.entries[n].Status = poll.Excluded(1)
	}
	p.count(t)
	return p
}

// count works the result out.
func (p *published) count(t require.TestingT) {
	tally, edge := poll.NewTally(&p.round), poll.Edge{}
	excluded := 0
	for _, e := range p.entries {
		edge = edge.Append(e.Leaf)
		switch e.Status {
		case poll.Counted:
			tally.Add(e.Class, e.Choices)
		case poll.Excluded(1):
			excluded++
		}
	}
	tally.Cast = p.cast
	var exclusions []poll.Exclusion
	if excluded > 0 {
		exclusions = []poll.Exclusion{{ID: 1, Reason: "同一地址短时间内集中投票", Post: "office/director", At: opens, Ballots: excluded}}
	}
	var err error
	p.result, err = poll.Decide(&p.round, tally, exclusions, poll.TieSeed(p.seed, edge.Root().String()))
	require.NoError(t, err)
}

// files publishes.
func (p *published) files(t require.TestingT, s site) map[string][]byte {
	round, err := poll.WriteJSON(p.round)
	require.NoError(t, err)
	result, err := poll.WriteJSON(p.result)
	require.NoError(t, err)
	files := map[string][]byte{poll.FileRound: round, poll.FileBallots: polltest.Ballots(p.seed, p.entries), poll.FileLeaves: polltest.Leaves(p.entries),
		poll.FileHeads: []byte(strings.Join(p.heads, "")), poll.FileResult: result, poll.FileKey: []byte(s.key + "\n")}
	edge := poll.Edge{}
	for _, e := range p.entries {
		edge = edge.Append(e.Leaf)
	}
	c := poll.Closing{Round: p.round.ID, Size: edge.Size, Root: edge.Root(), At: p.closed, Seed: p.seed}
	for i, name := range poll.Bound() {
		c.Digests[i] = polltest.Digest(files[name])
	}
	closing, err := c.Sign(s.signer)
	require.NoError(t, err)
	files[poll.FileClosing] = []byte(closing)
	return files
}

// folder has files in it.
func folder(files map[string][]byte) fs.FS {
	folder := fstest.MapFS{}
	for name, content := range files {
		folder[name] = &fstest.MapFile{Data: content}
	}
	return folder
}

// The verifier, which shares nothing with the core, comes to the same results in every round.
func TestRoundsVerify(t *testing.T) {
	s := newSite(t)
	rapid.Check(t, func(t *rapid.T) {
		p := run(t, s, func(name string, n int) int { return rapid.IntRange(0, n-1).Draw(t, name) })
		report, err := verifier.Poll(folder(p.files(t, s)))
		require.NoError(t, err)
		assert.EqualValues(t, len(p.entries), report.Size)
		require.Len(t, report.Winners, p.round.Winners)
		for i, receipt := range p.receipts {
			in, err := report.Receipt(strings.ToLower(poll.ShowReceipt(receipt)))
			require.NoError(t, err)
			assert.Equal(t, i+1, in.Leaf)
			assert.Equal(t, string(p.entries[i].Status), in.Status)
			assert.Len(t, in.Choices, len(p.entries[i].Choices))
		}
	})
}

// some is a round with enough of everything.
func some(t require.TestingT, s site) *published {
	random := mathrand.New(mathrand.NewPCG(20261122, 4))
	for {
		p := run(t, s, func(name string, n int) int {
			if name == "secret" {
				return 0
			}
			return random.IntN(n)
		})
		if len(p.entries) > 25 && len(p.heads) > 2 && len(p.result.Exclusions) > 0 && len(p.result.Ties) > 0 {
			return p
		}
	}
}

// One bit of any published file changed is found.
func TestEveryBitCounts(t *testing.T) {
	s := newSite(t)
	files := some(t, s).files(t, s)
	_, err := verifier.Poll(folder(files))
	require.NoError(t, err)
	random := mathrand.New(mathrand.NewPCG(1, 2))
	names := append(poll.Bound(), poll.FileClosing, poll.FileKey)
	for range 10_000 {
		name := names[random.IntN(len(names))]
		at, bit := random.IntN(len(files[name])), random.IntN(8)
		files[name][at] ^= 1 << bit
		_, err := verifier.Poll(folder(files))
		var found *verifier.Fault
		require.ErrorAs(t, err, &found, "bit %d of byte %d of %s", bit, at, name)
		files[name][at] ^= 1 << bit
	}
	_, err = verifier.Poll(folder(files))
	require.NoError(t, err)
}

// Whoever has the key can sign what they like, and still not publish another result, nor one ballot more, less or other.
func TestSignedLiesAreFound(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		code string
		lie  func(p *published)
	}{
		"another winner":           {"result", func(p *published) { p.result.Winners[0] = p.result.Rows[4].Option }},
		"a vote more":              {"result", func(p *published) { p.result.Rows[0].Unit++ }},
		"a better score":           {"result", func(p *published) { p.result.Rows[4].Score++ }},
		"a tie unsaid":             {"result", func(p *published) { p.result.Ties = p.result.Ties[1:] }},
		"another rule":             {"result", func(p *published) { p.result.Ties[0].Rule = "id" }},
		"fewer ballots":            {"result", func(p *published) { p.result.Ballots[0].Counted-- }},
		"a quiet exclusion":        {"exclusion", func(p *published) { p.result.Exclusions = nil }},
		"a district too many":      {"roll", func(p *published) { p.result.Districts[0].Ballots++ }},
		"more than are eligible":   {"roll", func(p *published) { p.round.Districts[0].Eligible = 0 }},
		"a ballot turned":          {"result", func(p *published) { p.standing().Choices = []string{"o4"} }},
		"its own":                  {"ballot", func(p *published) { p.unit().Choices = []string{p.own()} }},
		"an option unheard of":     {"ballot", func(p *published) { p.entries[0].Choices = []string{"o9"} }},
		"a unit unheard of":        {"ballot", func(p *published) { p.unit().Unit = "linzi" }},
		"a unit's second ballot":   {"units", func(p *published) { p.add(*p.unit()) }},
		"a ballot more":            {"roll", func(p *published) { p.add(*p.standing()) }},
		"another seed":             {"commitment", func(p *published) { p.seed = strings.Repeat("0", 64) }},
		"closed before its time":   {"closing", func(p *published) { p.closed = opens }},
		"a head of another log":    {"head", func(p *published) { p.heads[0], p.heads[1] = p.heads[1], p.heads[0] }},
		"a head of another round":  {"head", func(p *published) { p.heads = append(p.heads, p.foreign(s)) }},
		"a formula out of bounds":  {"formula", func(p *published) { p.round.Formula = "private" }},
		"more winners than stood":  {"rules", func(p *published) { p.round.Winners = 9 }},
		"a rule nobody wrote down": {"rules", func(p *published) { p.round.Ties = []poll.Rule{"id"} }},
	} {
		p := some(t, s)
		c.lie(p)
		_, err := verifier.Poll(folder(p.files(t, s)))
		var found *verifier.Fault
		if assert.ErrorAs(t, err, &found, name) {
			assert.Equal(t, c.code, found.Code, "%s: %s", name, found)
		}
	}
	p := some(t, s)
	files := p.files(t, s)
	delete(files, poll.FileHeads)
	_, err := verifier.Poll(folder(files))
	assert.EqualError(t, err, "missing: heads.txt")
	_, err = verifier.Poll(fstest.MapFS{})
	assert.Error(t, err)
}

func (p *published) standing() *poll.Entry {
	for i := range p.entries {
		if e := &p.entries[i]; e.Status == poll.Counted && e.Class == poll.ClassPublic && len(e.Choices) > 1 {
			return e
		}
	}
	panic("no ballot of the public")
}

func (p *published) unit() *poll.Entry {
	for i := range p.entries {
		if e := &p.entries[i]; e.Status == poll.Counted && e.Class == poll.ClassUnit {
			return e
		}
	}
	panic("no ballot of a unit")
}

func (p *published) own() string { return p.round.Own(p.unit().Unit)[0] }

// add stuffs a ballot in, with a leaf of its own.
func (p *published) add(e poll.Entry) {
	e.Mark = strings.Repeat("f", 32)
	e.Leaf = [32]byte{1}
	p.entries = append(p.entries, e)
}

func (p *published) foreign(s site) string {
	edge := poll.Edge{}
	for _, e := range p.entries {
		edge = edge.Append(e.Leaf)
	}
	head, err := poll.Head{Round: "another", Size: edge.Size, Root: edge.Root(), At: opens}.Sign(s.signer)
	if err != nil {
		panic(err)
	}
	return head
}

// A ballot that was turned behind its voter's back, counts and all, is found by whoever has its receipt.
func TestAReceiptTellsItsBallot(t *testing.T) {
	s := newSite(t)
	p := some(t, s)
	turned := p.standing()
	for i := range p.entries {
		if &p.entries[i] == turned {
			turned.Choices = []string{"o4"}
			p.count(t)
			report, err := verifier.Poll(folder(p.files(t, s)))
			require.NoError(t, err, "to anyone else it is good")
			_, err = report.Receipt(p.receipts[i])
			assert.ErrorContains(t, err, "receipt-leaf")
			_, err = report.Receipt("2222-2222-2222")
			assert.ErrorContains(t, err, "receipt-unknown")
			_, err = report.Receipt(p.receipts[i][1:] + "2")
			assert.Error(t, err)
			_, err = report.Receipt("2222-2222-2223")
			assert.ErrorContains(t, err, "receipt-mistyped")
			return
		}
	}
}

func TestDrawsVerify(t *testing.T) {
	s := newSite(t)
	seed, err := poll.NewSeed(rand.Reader)
	require.NoError(t, err)
	items := func(n int) (list []poll.DrawnItem) {
		for i := range n {
			list = append(list, poll.DrawnItem{Key: fmt.Sprintf("%02d", i), Name: fmt.Sprint("经验", i)})
		}
		return list
	}
	d := poll.Drawn{ID: "evaluation.draw", Title: "随机抽取现场评估经验", Source: "001 art. 14(3)", Committed: opens, Commitment: poll.Commit(seed), Seed: seed,
		Groups: []poll.DrawnGroup{{Key: "zhangdian", Title: "张店区", List: items(18), N: 2}, {Key: "boshan", Title: "博山区", List: items(18), N: 2}}}
	require.NoError(t, d.Draw())
	text, err := d.Sign(s.signer, s.key)
	require.NoError(t, err)
	drawn, err := verifier.Draw([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, d.Groups[1].Drawn, drawn.Groups[1].Drawn)
	file := []byte(text)
	random := mathrand.New(mathrand.NewPCG(5, 6))
	for range 10_000 {
		at, bit := random.IntN(len(file)), random.IntN(8)
		file[at] ^= 1 << bit
		_, err := verifier.Draw(file)
		require.Error(t, err, "bit %d of byte %d", bit, at)
		file[at] ^= 1 << bit
	}
	d.Groups[0].Drawn[0] = "17x"
	text, err = d.Sign(s.signer, s.key)
	require.NoError(t, err)
	_, err = verifier.Draw([]byte(text))
	var found *verifier.Fault
	require.True(t, errors.As(err, &found))
	assert.Equal(t, "drawn", found.Code)
}
