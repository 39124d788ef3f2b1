package poll

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The files of a closed round, in the order in which the closing head names them; docs/verify.md says what is in them.
const (
	FileRound   = "round.json"
	FileBallots = "ballots.csv"
	FileLeaves  = "leaves.txt"
	FileHeads   = "heads.txt"
	FileResult  = "result.json"
	FileClosing = "closing.txt" // signs the others
	FileKey     = "key.txt"     // by which it and the heads are signed
)

// Bound lists the files the closing head holds digests of.
func Bound() []string { return []string{FileRound, FileBallots, FileLeaves, FileHeads, FileResult} }

// Status is what became of a ballot.
type Status string

const (
	Counted  Status = "counted"
	Replaced Status = "replaced" // by a later one of the same voter
)

// Excluded is the status of a ballot that an exclusion leaves out.
func Excluded(exclusion int) Status { return Status("excluded-" + strconv.Itoa(exclusion)) }

// Entry is one ballot of the log as it is published.
type Entry struct {
	Leaf    [32]byte
	Mark    string
	Class   Class
	Unit    string // empty where it is not published
	Choices []string
	Status  Status
}

// Canonical puts choices in the order of the options' numbers, the order in which they are bound and published.
func (r *Round) Canonical(choices []string) []string {
	type numbered struct {
		number int
		id     string
	}
	options := make([]numbered, len(choices))
	for i, id := range choices {
		o, _ := r.Option(id)
		options[i] = numbered{o.Number, id}
	}
	slices.SortFunc(options, func(a, b numbered) int { return a.number - b.number })
	sorted := make([]string, len(choices))
	for i, o := range options {
		sorted[i] = o.id
	}
	return sorted
}

// Shown is the unit under which a ballot is published.
func (r *Round) Shown(b Ballot) string {
	if r.Promises.Secret || b.Class != ClassUnit {
		return ""
	}
	return b.Unit
}

const (
	prefixShuffle = "duban/shuffle/v1\n"
	// BallotsHeader is the first line of ballots.csv.
	BallotsHeader = "mark,class,unit,choices,status\n"
)

// BallotLine is an entry's line of ballots.csv.
func (e *Entry) BallotLine() string {
	return strings.Join([]string{e.Mark, string(e.Class), e.Unit, strings.Join(e.Choices, " "), string(e.Status)}, ",") + "\n"
}

// LeafLine is an entry's line of leaves.txt.
func (e *Entry) LeafLine() string { return hex.EncodeToString(e.Leaf[:]) + "\n" }

// ShufflePrefix is what is hashed before an entry's mark and a line feed to give its place in ballots.csv.
func ShufflePrefix(seed string) string { return prefixShuffle + seed + "\n" }

// WriteJSON writes round.json and result.json.
func WriteJSON(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(v)
	return out.Bytes(), err
}

// Closing is the last head of a log, which binds all that is published of the round.
type Closing struct {
	Round   string
	Size    int64
	Root    tlog.Hash
	At      time.Time
	Seed    string
	Digests [5]string // SHA-256 of the files of Bound, in their order, in hexadecimal
}

const closingTitle = "duban/closing/v1"

// Sign signs the closing head as a note.
func (c Closing) Sign(signer note.Signer) (string, error) {
	var text strings.Builder
	for _, line := range []string{closingTitle, c.Round, strconv.FormatInt(c.Size, 10), c.Root.String(), c.At.UTC().Format(time.RFC3339Nano), c.Seed} {
		text.WriteString(line + "\n")
	}
	for i, name := range Bound() {
		text.WriteString(c.Digests[i] + " " + name + "\n")
	}
	signed, err := note.Sign(&note.Note{Text: text.String()}, signer)
	return string(signed), err
}
