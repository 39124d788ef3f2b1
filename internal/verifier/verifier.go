// Package verifier verifies what votes and draws publish, from docs/verify.md alone: it imports nothing else of duban, so
// that it cannot be wrong in the same way.
package verifier

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
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
	files    fs.FS
	options  map[string]option
	key      note.Verifier
	closing  []string // its lines
	size     int64
	heads    map[int64]string // roots by size
	ballots  int64
	standing int                       // ballots of the public not replaced, excluded ones too
	statuses map[string]int            // ballots
	counted  map[string]int            // by class
	votes    map[string]map[string]int // by class and option
}

type ballot struct{ mark, class, unit, choices, status string }

// The files the closing head binds, in its order.
var bound = []string{"round.json", "ballots.csv", "leaves.txt", "heads.txt", "result.json"}

var keyForm = regexp.MustCompile(`^duban\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\n$`)

// Poll verifies the files of a round as it reads them, since they may be more than fit into memory. An error is a *Fault.
func Poll(files fs.FS) (report *Report, err error) {
	defer caught(&err)
	v := &vote{files: files, options: map[string]option{}, heads: map[int64]string{}, statuses: map[string]int{}, counted: map[string]int{},
		votes: map[string]map[string]int{"unit": {}, "public": {}}}
	v.open()
	v.readBallots()
	v.readHeads(string(v.read("heads.txt")))
	v.readLog()
	var published result
	check(json.Unmarshal(v.read("result.json"), &published) == nil, "unreadable", "result.json")
	v.compare(published)
	report = &Report{Round: v.round.ID, Title: v.round.Title, Size: v.size, Counted: v.counted, Ties: len(published.Ties), vote: v}
	for _, id := range published.Winners {
		report.Winners = append(report.Winners, v.options[id].Title)
	}
	return report, nil
}

func (v *vote) read(name string) []byte {
	content, err := fs.ReadFile(v.files, name)
	check(err == nil, "missing", name)
	return content
}

// lines goes through a file's lines, numbered from 1.
func (v *vote) lines(name string, take func(n int, line string)) {
	file, err := v.files.Open(name)
	check(err == nil, "missing", name)
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<16)
	for n := 1; ; n++ {
		line, err := in.ReadString('\n')
		if line == "" && err == io.EOF {
			return
		}
		check(err == nil, "unreadable", name)
		take(n, line[:len(line)-1])
	}
}

// find gives the first line of a file that is wanted, and its number; 0: there is none.
func (v *vote) find(name string, wanted func(line string) bool) (at int, found string) {
	v.lines(name, func(n int, line string) {
		if at == 0 && wanted(line) {
			at, found = n, line
		}
	})
	return at, found
}

// open reads the key, the closing head and the definition, and holds the files against the head.
func (v *vote) open() {
	v.key = readKey(string(v.read("key.txt")))
	v.closing = signed(string(v.read("closing.txt")), v.key, "closing.txt")
	check(len(v.closing) == 11 && v.closing[0] == "duban/closing/v1", "closing", "closing.txt")
	for i, name := range bound {
		sum := sha256.New()
		file, err := v.files.Open(name)
		check(err == nil, "missing", name)
		_, err = io.Copy(sum, file)
		check(err == nil && file.Close() == nil && v.closing[6+i] == hex.EncodeToString(sum.Sum(nil))+" "+name, "digest", name)
	}
	check(json.Unmarshal(v.read("round.json"), &v.round) == nil, "unreadable", "round.json")
	size, errSize := strconv.ParseInt(v.closing[2], 10, 64)
	at, errAt := time.Parse(time.RFC3339Nano, v.closing[4])
	check(errSize == nil && errAt == nil && !at.Before(v.round.Closes) && v.closing[1] == v.round.ID, "closing", "closing.txt")
	check(digest("duban/commit/v1", v.closing[5]) == v.round.Draw, "commitment", "closing.txt")
	v.size = size
	for _, o := range v.round.Options {
		v.options[o.ID] = o
	}
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

// readBallots judges every ballot and their order, and counts them.
func (v *vote) readBallots() {
	last, standing := "", map[string]int{}
	v.lines("ballots.csv", func(n int, line string) {
		where, f := "ballots.csv:"+strconv.Itoa(n), strings.Split(line, ",")
		check(len(f) == 5 && (n > 1 || line == "mark,class,unit,choices,status"), "unreadable", where)
		if n == 1 {
			return
		}
		b := ballot{f[0], f[1], f[2], f[3], f[4]}
		order, choices := digest("duban/shuffle/v1", v.closing[5], b.mark), strings.Split(b.choices, " ")
		check(last <= order, "order", where)
		check(v.good(b, choices), "ballot", where)
		last, v.statuses[b.status] = order, v.statuses[b.status]+1
		if v.ballots++; b.status != "replaced" {
			standing[b.class+b.unit]++
		}
		if b.status == "counted" {
			v.counted[b.class]++
			for _, id := range choices {
				v.votes[b.class][id]++
			}
		}
	})
	v.standing = standing["public"]
	for who, n := range standing {
		check(n == 1 || who == "public" || who == "unit" && n <= len(v.round.Units), "units", strings.TrimPrefix(who, "unit"))
	}
}

func (v *vote) good(b ballot, choices []string) bool {
	shown := b.class == "unit" && !v.round.Promises.Secret
	on := b.class == "public" && len(v.round.Districts) > 0 || b.class == "unit" && v.round.Promises.Secret && len(v.round.Units) > 0
	on, number := on || shown && slices.ContainsFunc(v.round.Units, func(u struct{ ID string }) bool { return u.ID == b.unit }), 0
	for _, id := range choices {
		o := v.options[id]
		if o.Number <= number || shown && !v.round.OwnChoice && slices.Contains(o.Units, b.unit) {
			return false
		}
		number = o.Number
	}
	return on && (shown || b.unit == "") && len(choices) >= v.round.Choices.Min && len(choices) <= v.round.Choices.Max
}

// readHeads reads the heads; the log is held against them as it is read.
func (v *vote) readHeads(text string) {
	lines, before := strings.SplitAfter(text, "\n"), int64(0)
	check(lines[len(lines)-1] == "" && len(lines)%7 == 1, "unreadable", "heads.txt")
	for lines = lines[:len(lines)-1]; len(lines) > 0; lines = lines[7:] {
		head := signed(strings.Join(lines[:7], ""), v.key, "heads.txt")
		check(len(head) == 5 && head[0] == "duban/head/v1" && head[1] == v.round.ID, "head", "heads.txt")
		size, err := strconv.ParseInt(head[2], 10, 64)
		check(err == nil && before < size && size <= v.size, "head", "heads.txt")
		before, v.heads[size] = size, head[3]
	}
}

// readLog holds the log against the closing head and every other. Of its tree the right edge is all that is kept: the roots of
// its full subtrees, the largest first.
func (v *vote) readLog() {
	var edge []tlog.Hash
	size, rewritten := int64(0), false
	root := func() string {
		hash := tlog.Hash(sha256.Sum256(nil))
		for i, left := range slices.Backward(edge) {
			if hash = tlog.NodeHash(left, hash); i == len(edge)-1 {
				hash = left // the last one has none beside it
			}
		}
		return hash.String()
	}
	v.lines("leaves.txt", func(_ int, line string) {
		leaf, err := hex.DecodeString(line)
		check(err == nil && len(leaf) == sha256.Size && hex.EncodeToString(leaf) == line, "unreadable", "leaves.txt")
		hash := tlog.RecordHash(leaf)
		for n := size; n&1 == 1; n >>= 1 {
			hash, edge = tlog.NodeHash(edge[len(edge)-1], hash), edge[:len(edge)-1]
		}
		edge, size = append(edge, hash), size+1
		rewritten = rewritten || v.heads[size] != "" && v.heads[size] != root()
	})
	check(size == v.size && size == v.ballots, "count", "leaves.txt")
	check(root() == v.closing[3], "root", "closing.txt")
	check(!rewritten, "head", "heads.txt")
}
