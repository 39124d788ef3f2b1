// Package verifier verifies what votes and draws publish, from docs/verify.md alone: it imports nothing else of duban, so
// that it cannot be wrong in the same way.
package verifier

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Fault is the first thing found wrong: a stable code, and where.
type Fault struct{ Code, Where string }

func (f *Fault) Error() string { return f.Code + ": " + f.Where }

// check ends the verification unless something holds; caught makes an error of it.
func check(holds bool, code, where string) {
	if !holds {
		panic(&Fault{code, where})
	}
}

func caught(err *error) {
	if thrown := recover(); thrown != nil {
		*err = thrown.(*Fault) // anything else goes on as the panic it is
	}
}

// Report is what a verified round came to.
type Report struct {
	Round, Title string
	Size         int64
	Counted      map[string]int // ballots by class
	Winners      []string       // titles, as listed
	Ties         int
	vote         *vote
}

type option struct {
	ID, Title   string
	Number      int
	Units       []string
	Recommended time.Time
}

// vote is a round being verified. Fields of what is read from JSON are named as there, but for capitals.
type vote struct {
	round struct {
		ID, Title, Formula, Order, Draw string
		Options                         []option
		Choices                         struct{ Min, Max int }
		Units                           []struct{ ID string }
		Districts                       []struct {
			ID       string
			Eligible int
		}
		Closes    time.Time
		OwnChoice bool
		Winners   int
		PublicCap float64
		Ties      []string
		Promises  struct{ Secret bool }
	}
	key     note.Verifier
	closing []string // its lines
	size    int64
	ballots []ballot
	leaves  []string    // lines of leaves.txt
	hashes  []tlog.Hash // of the log, as tlog stores them
	counted map[string]int
}

type ballot struct{ mark, class, unit, choices, status string }

// The files the closing head binds, in its order.
var bound = []string{"round.json", "ballots.csv", "leaves.txt", "heads.txt", "result.json"}

var keyForm = regexp.MustCompile(`^duban\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\n$`)

// Poll verifies the files of a round, by name. An error is a *Fault.
func Poll(files map[string][]byte) (report *Report, err error) {
	defer caught(&err)
	v := &vote{counted: map[string]int{}}
	v.open(files)
	v.readBallots(string(files["ballots.csv"]))
	v.readLog(string(files["leaves.txt"]))
	v.readHeads(string(files["heads.txt"]))
	var published result
	check(json.Unmarshal(files["result.json"], &published) == nil, "unreadable", "result.json")
	v.compare(published)
	report = &Report{Round: v.round.ID, Title: v.round.Title, Size: v.size, Counted: v.counted, Ties: len(published.Ties), vote: v}
	for _, id := range published.Winners {
		report.Winners = append(report.Winners, v.option(id).Title)
	}
	return report, nil
}

// open reads the key, the closing head and the definition, and holds the files against the head.
func (v *vote) open(files map[string][]byte) {
	for _, name := range append(slices.Clone(bound), "closing.txt", "key.txt") {
		check(files[name] != nil, "missing", name)
	}
	v.key = readKey(string(files["key.txt"]))
	v.closing = signed(string(files["closing.txt"]), v.key, "closing.txt")
	check(len(v.closing) == 11 && v.closing[0] == "duban/closing/v1", "closing", "closing.txt")
	for i, name := range bound {
		sum := sha256.Sum256(files[name])
		check(v.closing[6+i] == hex.EncodeToString(sum[:])+" "+name, "digest", name)
	}
	check(json.Unmarshal(files["round.json"], &v.round) == nil, "unreadable", "round.json")
	size, errSize := strconv.ParseInt(v.closing[2], 10, 64)
	at, errAt := time.Parse(time.RFC3339Nano, v.closing[4])
	check(errSize == nil && errAt == nil && !at.Before(v.round.Closes) && v.closing[1] == v.round.ID, "closing", "closing.txt")
	check(digest("duban/commit/v1", v.closing[5]) == v.round.Draw, "commitment", "closing.txt")
	v.size = size
}

func readKey(text string) note.Verifier {
	key, err := note.NewVerifier(strings.TrimSuffix(text, "\n"))
	check(err == nil && keyForm.MatchString(text), "unreadable", "key.txt")
	return key
}

// signed gives the lines of a signed text. The signature has to be written in the one way it can be.
func signed(text string, key note.Verifier, where string) []string {
	opened, err := note.Open([]byte(text), note.VerifierList(key))
	check(err == nil, "signature", where)
	rest, begun := strings.CutPrefix(text, opened.Text+"\n— duban ")
	signature, ended := strings.CutSuffix(rest, "\n")
	_, err = base64.StdEncoding.Strict().DecodeString(signature)
	check(begun && ended && err == nil && !strings.Contains(signature, "\n"), "signature", where)
	return strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
}

// digest is SHA256 of the document: each text followed by a line feed.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\n") + "\n"))
	return hex.EncodeToString(sum[:])
}

// option finds an option; the number 0 is that of none.
func (v *vote) option(id string) (o option) {
	if i := slices.IndexFunc(v.round.Options, func(o option) bool { return o.ID == id }); i >= 0 {
		o = v.round.Options[i]
	}
	return o
}

// readBallots reads and judges every ballot, and their order.
func (v *vote) readBallots(text string) {
	body, begun := strings.CutPrefix(text, "mark,class,unit,choices,status\n")
	lines, last, standing := strings.Split(body, "\n"), "", map[string]int{}
	check(begun && lines[len(lines)-1] == "", "unreadable", "ballots.csv")
	for n, line := range lines[:len(lines)-1] {
		where, f := "ballots.csv:"+strconv.Itoa(n+2), strings.Split(line, ",")
		check(len(f) == 5, "unreadable", where)
		b := ballot{f[0], f[1], f[2], f[3], f[4]}
		order := digest("duban/shuffle/v1", v.closing[5], b.mark)
		check(last <= order, "order", where)
		check(v.good(b), "ballot", where)
		if b.status != "replaced" && b.class == "unit" {
			standing[b.unit]++
		}
		last, v.ballots = order, append(v.ballots, b)
	}
	for unit, n := range standing {
		check(n == 1 || unit == "" && n <= len(v.round.Units), "units", unit)
	}
}

func (v *vote) good(b ballot) bool {
	shown := b.class == "unit" && !v.round.Promises.Secret
	on := b.class == "public" && len(v.round.Districts) > 0 || b.class == "unit" && v.round.Promises.Secret && len(v.round.Units) > 0
	for _, u := range v.round.Units {
		on = on || shown && u.ID == b.unit
	}
	choices, number := strings.Split(b.choices, " "), 0
	for _, id := range choices {
		o := v.option(id)
		if o.Number <= number || shown && !v.round.OwnChoice && slices.Contains(o.Units, b.unit) {
			return false
		}
		number = o.Number
	}
	return on && (shown || b.unit == "") && len(choices) >= v.round.Choices.Min && len(choices) <= v.round.Choices.Max
}

// readLog holds the log against the closing head.
func (v *vote) readLog(text string) {
	v.leaves = strings.Split(text, "\n")
	last := len(v.leaves) - 1
	check(v.leaves[last] == "" && int64(last) == v.size && last == len(v.ballots), "count", "leaves.txt")
	for i, line := range v.leaves[:last] {
		leaf, err := hex.DecodeString(line)
		check(err == nil && len(leaf) == sha256.Size && hex.EncodeToString(leaf) == line, "unreadable", "leaves.txt")
		more, err := tlog.StoredHashes(int64(i), leaf, v)
		check(err == nil, "unreadable", "leaves.txt")
		v.hashes = append(v.hashes, more...)
	}
	check(v.root(v.size) == v.closing[3], "root", "closing.txt")
}

// readHeads holds each head against the log.
func (v *vote) readHeads(text string) {
	lines, before := strings.SplitAfter(text, "\n"), int64(0)
	check(lines[len(lines)-1] == "" && len(lines)%7 == 1, "unreadable", "heads.txt")
	for lines = lines[:len(lines)-1]; len(lines) > 0; lines = lines[7:] {
		head := signed(strings.Join(lines[:7], ""), v.key, "heads.txt")
		check(len(head) == 5 && head[0] == "duban/head/v1" && head[1] == v.round.ID, "head", "heads.txt")
		size, err := strconv.ParseInt(head[2], 10, 64)
		check(err == nil && before < size && size <= v.size && v.root(size) == head[3], "head", "heads.txt")
		before = size
	}
}

func (v *vote) root(size int64) string {
	root, err := tlog.TreeHash(size, v)
	check(err == nil, "root", "leaves.txt")
	return root.String()
}

// ReadHashes serves tlog's functions.
func (v *vote) ReadHashes(at []int64) (out []tlog.Hash, err error) {
	for _, n := range at {
		out = append(out, v.hashes[n])
	}
	return out, nil
}
