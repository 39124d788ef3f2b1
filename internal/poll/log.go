package poll

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	prefixMark = "duban/mark/v1\n"
	prefixLeaf = "duban/ballot/v1\n"
)

// KeyName is the name of the key that signs heads.
const KeyName = "duban"

// Mark is what stands for a receipt in the published ballots: only who has the receipt can tell which is theirs.
func Mark(round, receipt string) string { return digest(prefixMark, round, receipt)[:markLength] }

const markLength = 32

// Leaf is a ballot's entry in the log. It binds the ballot, and tells nothing of it without the receipt. unit is empty
// where the ballot is published without it.
func Leaf(round, receipt string, class Class, unit string, choices []string) [32]byte {
	return digestBytes(prefixLeaf, round, receipt, string(class), unit, strings.Join(choices, " "))
}

// Edge is the right edge of the log's tree: the roots of its full subtrees, largest first. It is all that is needed to
// go on with the log and to sign its head.
type Edge struct {
	Size   int64
	Hashes []tlog.Hash
}

// Append adds a leaf.
func (e Edge) Append(leaf [32]byte) Edge {
	hashes := append([]tlog.Hash{}, e.Hashes...)
	h := tlog.RecordHash(leaf[:])
	for n := e.Size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(hashes[len(hashes)-1], h)
		hashes = hashes[:len(hashes)-1]
	}
	return Edge{e.Size + 1, append(hashes, h)}
}

// Root is the root of the tree so far.
func (e Edge) Root() tlog.Hash {
	if e.Size == 0 {
		root, err := tlog.TreeHash(0, nil)
		if err != nil { // of no record there is nothing to read
			panic(err)
		}
		return root
	}
	root := e.Hashes[len(e.Hashes)-1]
	for i := len(e.Hashes) - 2; i >= 0; i-- {
		root = tlog.NodeHash(e.Hashes[i], root)
	}
	return root
}

// Head is the log at an instant.
type Head struct {
	Round string
	Size  int64
	Root  tlog.Hash
	At    time.Time
}

const headTitle = "duban/head/v1"

// ErrHead says a text is no head signed by the key.
var ErrHead = errors.New("no signed head")

// Sign signs a head as a note.
func (h Head) Sign(signer note.Signer) (string, error) {
	text := fmt.Sprintf("%s\n%s\n%d\n%s\n%s\n", headTitle, h.Round, h.Size, h.Root, h.At.UTC().Format(time.RFC3339Nano))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	return string(signed), err
}

// OpenHead reads a signed head.
func OpenHead(signed string, key note.Verifier) (Head, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(key))
	if err != nil {
		return Head{}, fmt.Errorf("%w: %w", ErrHead, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 6 || lines[0] != headTitle {
		return Head{}, ErrHead
	}
	h := Head{Round: lines[1]}
	var errs [3]error
	h.Size, errs[0] = strconv.ParseInt(lines[2], 10, 64)
	h.Root, errs[1] = tlog.ParseHash(lines[3])
	h.At, errs[2] = time.Parse(time.RFC3339Nano, lines[4])
	if err := errors.Join(errs[:]...); err != nil {
		return Head{}, fmt.Errorf("%w: %w", ErrHead, err)
	}
	return h, nil
}

// Log is a whole log in memory, for proofs.
type Log struct{ hashes []tlog.Hash }

// NewLog builds the log of leaves.
func NewLog(leaves [][32]byte) (*Log, error) {
	l := &Log{}
	for n, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(n), leaf[:], l)
		if err != nil {
			return nil, err
		}
		l.hashes = append(l.hashes, more...)
	}
	return l, nil
}

// ReadHashes reads stored hashes, for the functions of tlog.
func (l *Log) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		if n >= int64(len(l.hashes)) {
			return nil, fmt.Errorf("hash %d of %d", n, len(l.hashes))
		}
		out[i] = l.hashes[n]
	}
	return out, nil
}

// Root is the root of the first leaves.
func (l *Log) Root(size int64) (tlog.Hash, error) { return tlog.TreeHash(size, l) }

// Prove gives the proof that a leaf is in the log of a size: its hashes, as [tlog.CheckRecord] takes them.
func (l *Log) Prove(size, leaf int64) (tlog.RecordProof, error) {
	return tlog.ProveRecord(size, leaf, l)
}

// NewKey makes a key pair for heads, as notes write them.
func NewKey(random io.Reader) (signer, verifier string, err error) {
	return note.GenerateKey(random, KeyName)
}
