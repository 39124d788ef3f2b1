package identity_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"duban/internal/identity"
	"duban/internal/poll/polltest"
)

// Several who ask for a round's key at once get one key, that nobody else can read, until it is destroyed.
func TestVoterKeys(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "polls")
	made := make([]identity.VoterKey, 8)
	var all errgroup.Group
	for i := range made {
		all.Go(func() (err error) {
			made[i], err = identity.NewVoterKeys(folder).Key("first.vote.1")
			return err
		})
	}
	require.NoError(t, all.Wait())
	for _, key := range made {
		assert.Equal(t, made[0], key)
		assert.Len(t, key, 32)
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	info, err := entries[0].Info()
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	keys := identity.NewVoterKeys(folder)
	other, err := keys.Key("first.vote.2")
	require.NoError(t, err)
	assert.NotEqual(t, made[0], other)
	require.NoError(t, keys.Destroy("first.vote.1"))
	require.NoError(t, keys.Destroy("first.vote.1"), "again")
	require.NoError(t, keys.Destroy("first.vote.3"), "never asked for")
	for _, round := range []string{"first.vote.1", "first.vote.3"} {
		for _, keys := range []*identity.VoterKeys{keys, identity.NewVoterKeys(folder)} {
			_, err := keys.Key(round)
			assert.ErrorIs(t, err, identity.ErrForgotten, "no other key takes its place")
		}
	}
	left, err := os.ReadFile(filepath.Join(folder, "first.vote.1.key"))
	require.NoError(t, err)
	assert.Equal(t, make([]byte, 32), left)
	for _, bad := range []string{"", "../first", "a/b", "A"} {
		_, err := keys.Key(bad)
		assert.ErrorIs(t, err, identity.ErrRoundName, bad)
	}
}

func TestVoterTags(t *testing.T) {
	key, other := identity.VoterKey("0123456789abcdef"), identity.VoterKey("fedcba9876543210")
	assert.Equal(t, key.Tag("mobile", "13800000000"), key.Tag("mobile", "13800000000"))
	assert.NotEqual(t, key.Tag("mobile", "13800000000"), other.Tag("mobile", "13800000000"))
	assert.NotEqual(t, key.Tag("mobile", "13800000000"), key.Tag("mobile1", "3800000000"))
	assert.NotEqual(t, key.Tag("a", "b"), key.Trace("a", "b"))
	receipt, err := key.Receipt(key.Tag("unit", "boshan"), "request")
	require.NoError(t, err)
	again, err := key.Receipt(key.Tag("unit", "boshan"), "request")
	require.NoError(t, err)
	assert.Equal(t, receipt, again)
	_, err = polltest.ParseReceipt(receipt)
	require.NoError(t, err)
	another, err := key.Receipt(key.Tag("unit", "boshan"), "another request")
	require.NoError(t, err)
	assert.NotEqual(t, receipt, another)
	chosen, err := key.Receipt(key.Tag("unit", "boshan"), "request", "b", "a")
	require.NoError(t, err)
	assert.NotEqual(t, receipt, chosen)
	same, err := key.Receipt(key.Tag("unit", "boshan"), "request", "a", "b")
	require.NoError(t, err)
	assert.Equal(t, chosen, same, "in whichever order")
}

func TestMobile(t *testing.T) {
	for _, good := range []string{"13800000000", "+86 138-0000-0000", "００８６13800000000", "１３８００００００００"} {
		number, err := identity.Mobile(good)
		require.NoError(t, err, good)
		assert.Equal(t, "13800000000", number)
	}
	for _, bad := range []string{"", "12800000000", "1380000000", "138000000000", "0533-1234567", "+1 13800000000"} {
		_, err := identity.Mobile(bad)
		assert.ErrorIs(t, err, identity.ErrNumber, bad)
	}
}
