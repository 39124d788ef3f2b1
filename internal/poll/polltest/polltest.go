// Package polltest publishes and reads what a vote publishes, all in memory, as docs/verify.md says it: for tests to hold
// the program to.
package polltest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"duban/internal/poll"
)

// Count adds up ballots that were accepted.
func Count(r *poll.Round, ballots []poll.Ballot) poll.Tally {
	t := poll.NewTally(r)
	for _, b := range ballots {
		t.Add(b.Class, b.Choices)
		if b.Class == poll.ClassPublic {
			t.Cast[b.District]++
		}
	}
	return t
}

// Ballots is ballots.csv: every entry of the log, shuffled by the revealed seed.
func Ballots(seed string, entries []poll.Entry) []byte {
	key := func(e poll.Entry) [32]byte { return sha256.Sum256([]byte(poll.ShufflePrefix(seed) + e.Mark + "\n")) }
	order := slices.Clone(entries)
	slices.SortStableFunc(order, func(a, b poll.Entry) int {
		one, other := key(a), key(b)
		return bytes.Compare(one[:], other[:])
	})
	out := bytes.NewBufferString(poll.BallotsHeader)
	for i := range order {
		out.WriteString(order[i].BallotLine())
	}
	return out.Bytes()
}

// Leaves is leaves.txt: the log's leaves in the order they came.
func Leaves(entries []poll.Entry) []byte {
	out := []byte{}
	for i := range entries {
		out = append(out, entries[i].LeafLine()...)
	}
	return out
}

// Digest is a file's digest as the closing head holds it.
func Digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// ErrHead says a text is no head signed by the key.
var ErrHead = errors.New("no signed head")

// OpenHead reads a signed head.
func OpenHead(signed string, key note.Verifier) (poll.Head, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(key))
	if err != nil {
		return poll.Head{}, fmt.Errorf("%w: %w", ErrHead, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 6 || lines[0] != "duban/head/v1" {
		return poll.Head{}, ErrHead
	}
	h := poll.Head{Round: lines[1]}
	var errs [3]error
	h.Size, errs[0] = strconv.ParseInt(lines[2], 10, 64)
	h.Root, errs[1] = tlog.ParseHash(lines[3])
	h.At, errs[2] = time.Parse(time.RFC3339Nano, lines[4])
	if err := errors.Join(errs[:]...); err != nil {
		return poll.Head{}, fmt.Errorf("%w: %w", ErrHead, err)
	}
	return h, nil
}

// ErrReceipt says a text is no receipt: mistyped, since every single wrong letter and every two exchanged are noticed.
var ErrReceipt = errors.New("mistyped receipt")

// ParseReceipt reads a receipt as somebody types it: small letters, blanks and hyphens do not matter.
func ParseReceipt(text string) (string, error) {
	const letters, length = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 12
	text = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text))
	if len(text) != length {
		return "", ErrReceipt
	}
	sum := 0
	for i := range text {
		value := strings.IndexByte(letters, text[i])
		if value < 0 || i == length-1 && value != sum {
			return "", ErrReceipt
		}
		sum = (sum ^ value) << 1 // in the field of 32 elements, less x⁵+x²+1
		if sum&32 != 0 {
			sum ^= 0b100101
		}
	}
	return text, nil
}
