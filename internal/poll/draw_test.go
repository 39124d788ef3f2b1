package poll_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"duban/internal/poll"
	"duban/internal/poll/polltest"
)

// What a draw gives never changes: these were worked out from docs/verify.md by other means.
func TestDrawIsAsWritten(t *testing.T) {
	drawn, err := poll.Draw(strings.Repeat("00", 32), "g", []string{"c", "a", "b", "e", "d"}, 5)
	require.NoError(t, err)
	assert.Equal(t, goldenDraw, drawn)
	assert.Equal(t, goldenCommit, poll.Commit(strings.Repeat("00", 32)))
}

func TestDrawRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		seed string
		list []string
		n    int
	}{
		"no seed":       {"", []string{"a"}, 1},
		"a capital":     {strings.Repeat("AA", 32), []string{"a"}, 1},
		"a key twice":   {seed, []string{"a", "b", "a"}, 1},
		"more than all": {seed, []string{"a"}, 2},
		"fewer than 0":  {seed, []string{"a"}, -1},
	} {
		_, err := poll.Draw(c.seed, "", c.list, c.n)
		assert.ErrorIs(t, err, poll.ErrDraw, name)
	}
	groups := poll.Drawn{Seed: seed, Groups: []poll.DrawnGroup{{Key: "a", List: []poll.DrawnItem{{Key: "x"}}, N: 1}, {Key: "b", N: 1}}}
	assert.ErrorIs(t, groups.Draw(), poll.ErrDraw)
}

// A draw does not depend on the list's order, and gives each of n from the list once.
func TestDrawProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9]{1,6}`), 1, 20, rapid.ID).Draw(t, "list")
		n := rapid.IntRange(0, len(list)).Draw(t, "n")
		key := fmt.Sprintf("%064x", rapid.Uint64().Draw(t, "seed"))
		drawn, err := poll.Draw(key, "g", list, n)
		require.NoError(t, err)
		again := poll.Drawn{Seed: key, Groups: []poll.DrawnGroup{{Key: "g", N: n}}}
		for _, item := range rapid.Permutation(list).Draw(t, "other order") {
			again.Groups[0].List = append(again.Groups[0].List, poll.DrawnItem{Key: item})
		}
		require.NoError(t, again.Draw())
		assert.Equal(t, drawn, again.Groups[0].Drawn)
		assert.Len(t, drawn, n)
		for i, d := range drawn {
			assert.Contains(t, list, d)
			assert.NotContains(t, drawn[:i], d)
		}
	})
}

// Everybody is drawn about as often: chi-square over 7,000 seeds stays below the limit of one in a million.
func TestDrawIsFair(t *testing.T) {
	list := []string{"a", "b", "c", "d", "e", "f", "g"}
	const draws = 7000
	count := map[string]int{}
	for i := range draws {
		drawn, err := poll.Draw(fmt.Sprintf("%064x", i), "", list, 1)
		require.NoError(t, err)
		count[drawn[0]]++
	}
	expected, chi := float64(draws)/float64(len(list)), 0.0
	for _, key := range list {
		d := float64(count[key]) - expected
		chi += d * d / expected
	}
	assert.Less(t, chi, 38.3, "%v", count) // six degrees of freedom
}

func TestReceiptsTellMistyping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := poll.NewReceipt(rand.Reader)
		require.NoError(t, err)
		require.Len(t, r, 12)
		read, err := polltest.ParseReceipt(" " + strings.ToLower(poll.ShowReceipt(r)))
		require.NoError(t, err)
		assert.Equal(t, r, read)
		i := rapid.IntRange(0, 11).Draw(t, "letter")
		wrong := []byte(r)
		wrong[i] = rapid.SampledFrom([]byte("23456789ABCDEFGHJKLMNPQRSTUVWXYZ01IO?")).Draw(t, "typed")
		if string(wrong) != r {
			_, err = polltest.ParseReceipt(string(wrong))
			assert.ErrorIs(t, err, polltest.ErrReceipt)
		}
		j := rapid.IntRange(0, 11).Draw(t, "exchanged with")
		swapped := []byte(r)
		swapped[i], swapped[j] = swapped[j], swapped[i]
		if string(swapped) != r {
			_, err = polltest.ParseReceipt(string(swapped))
			assert.ErrorIs(t, err, polltest.ErrReceipt)
		}
		_, err = polltest.ParseReceipt(r[:11])
		assert.ErrorIs(t, err, polltest.ErrReceipt)
	})
}

// logOf has the stored hashes of a log of leaves.
func logOf(leaves [][32]byte) (tlog.HashReader, error) {
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = hashes[n]
		}
		return out, nil
	})
	for n, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(n), leaf[:], read)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, more...)
	}
	return read, nil
}

// The edge of a growing log has the roots of the whole log, and every leaf is proved to be in it.
func TestLog(t *testing.T) {
	var leaves [][32]byte
	edge := poll.Edge{}
	roots := []tlog.Hash{edge.Root()}
	for i := range 70 {
		leaves = append(leaves, poll.Leaf("r", fmt.Sprint(i), poll.ClassPublic, "", []string{"o1"}))
		edge = edge.Append(leaves[i])
		roots = append(roots, edge.Root())
	}
	log, err := logOf(leaves)
	require.NoError(t, err)
	for size, root := range roots {
		whole, err := tlog.TreeHash(int64(size), log)
		require.NoError(t, err)
		require.Equal(t, whole, root, "size %d", size)
		for n := range size {
			proof, err := tlog.ProveRecord(int64(size), int64(n), log)
			require.NoError(t, err)
			require.NoError(t, tlog.CheckRecord(proof, int64(size), root, int64(n), tlog.RecordHash(leaves[n][:])))
		}
	}
}

func TestHeadsAreSigned(t *testing.T) {
	secret, public, err := poll.NewKey(rand.Reader)
	require.NoError(t, err)
	signer, err := note.NewSigner(secret)
	require.NoError(t, err)
	key, err := note.NewVerifier(public)
	require.NoError(t, err)
	head := poll.Head{Round: "r", Size: 1, Root: poll.Edge{}.Append([32]byte{1}).Root(), At: opens.Add(1)}
	signed, err := head.Sign(signer)
	require.NoError(t, err)
	read, err := polltest.OpenHead(signed, key)
	require.NoError(t, err)
	assert.Equal(t, head, read)
	_, err = polltest.OpenHead(strings.Replace(signed, "\n1\n", "\n2\n", 1), key)
	assert.ErrorIs(t, err, polltest.ErrHead)
	assert.Equal(t, 7, strings.Count(signed, "\n"))
	assert.False(t, slices.Contains(strings.Split(signed, "\n"), poll.FileClosing))
}

var (
	goldenDraw   = []string{"d", "c", "e", "a", "b"}
	goldenCommit = "f493f380887a1017f4ea8041d87f2b33d4c6e8a4b398550de5dc5d4f85784f07"
)
