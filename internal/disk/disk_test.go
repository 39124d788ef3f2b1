package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/disk"
)

func TestFullIsWhatTheSystemSaysOfADiskWithoutRoom(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = full.WriteString("x")
	require.True(t, disk.Full(err), err)
	require.NoError(t, full.Close())
	_, err = os.Open(filepath.Join(t.TempDir(), "none"))
	require.False(t, disk.Full(err))
	require.False(t, disk.Full(nil))
}

func TestFreeIsOfTheDiskThatHoldsThePath(t *testing.T) {
	free, err := disk.Free(t.TempDir())
	require.NoError(t, err)
	require.NotZero(t, free)
	_, err = disk.Free(filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
}
