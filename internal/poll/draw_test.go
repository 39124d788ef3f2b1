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
	_, err := poll.DrawGroups(seed, []poll.Group{{Key: "a", List: []string{"x"}, N: 1}, {Key: "b", N: 1}})
	assert.ErrorIs(t, err, poll.ErrDraw)
}

// A draw does not depend on the list's order, and gives each of n from the list once.
func TestDrawProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9]{1,6}`), 1, 20, rapid.ID).Draw(t, "list")
		n := rapid.IntRange(0, len(list)).Draw(t, "n")
		key := fmt.Sprintf("%064x", rapid.Uint64().Draw(t, "seed"))
		drawn, err := poll.Draw(key, "g", list, n)
		require.NoError(t, err)
		again, err := poll.DrawGroups(key, []poll.Group{{Key: "g", List: rapid.Permutation(list).Draw(t, "other order"), N: n}})
		require.NoError(t, err)
		assert.Equal(t, drawn, again[0])
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
		read, err := poll.ParseReceipt(" " + strings.ToLower(poll.ShowReceipt(r)))
		require.NoError(t, err)
		assert.Equal(t, r, read)
		i := rapid.IntRange(0, 11).Draw(t, "letter")
		wrong := []byte(r)
		wrong[i] = rapid.SampledFrom([]byte("23456789ABCDEFGHJKLMNPQRSTUVWXYZ01IO?")).Draw(t, "typed")
		if string(wrong) != r {
			_, err = poll.ParseReceipt(string(wrong))
			assert.ErrorIs(t, err, poll.ErrReceipt)
		}
		j := rapid.IntRange(0, 11).Draw(t, "exchanged with")
		swapped := []byte(r)
		swapped[i], swapped[j] = swapped[j], swapped[i]
		if string(swapped) != r {
			_, err = poll.ParseReceipt(string(swapped))
			assert.ErrorIs(t, err, poll.ErrReceipt)
		}
		_, err = poll.ParseReceipt(r[:11])
		assert.ErrorIs(t, err, poll.ErrReceipt)
	})
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
	log, err := poll.NewLog(leaves)
	require.NoError(t, err)
	for size, root := range roots {
		whole, err := log.Root(int64(size))
		require.NoError(t, err)
		require.Equal(t, whole, root, "size %d", size)
		for n := range size {
			proof, err := log.Prove(int64(size), int64(n))
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
	read, err := poll.OpenHead(signed, key)
	require.NoError(t, err)
	assert.Equal(t, head, read)
	_, err = poll.OpenHead(strings.Replace(signed, "\n1\n", "\n2\n", 1), key)
	assert.ErrorIs(t, err, poll.ErrHead)
	assert.Equal(t, 7, strings.Count(signed, "\n"))
	assert.False(t, slices.Contains(strings.Split(signed, "\n"), poll.FileClosing))
}

var (
	goldenDraw   = []string{"d", "c", "e", "a", "b"}
	goldenCommit = "f493f380887a1017f4ea8041d87f2b33d4c6e8a4b398550de5dc5d4f85784f07"
)
