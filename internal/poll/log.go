package poll

import (
	"fmt"
	"io"
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

// Sign signs a head as a note.
func (h Head) Sign(signer note.Signer) (string, error) {
	text := fmt.Sprintf("%s\n%s\n%d\n%s\n%s\n", headTitle, h.Round, h.Size, h.Root, h.At.UTC().Format(time.RFC3339Nano))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	return string(signed), err
}

// NewKey makes a key pair for heads, as notes write them.
func NewKey(random io.Reader) (signer, verifier string, err error) {
	return note.GenerateKey(random, KeyName)
}
