package procfs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/procfs"
)

func TestWorkingIn(t *testing.T) {
	folder, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	found, err := procfs.WorkingIn(folder)
	require.NoError(t, err)
	require.Empty(t, found)

	child := exec.CommandContext(t.Context(), "cat") // reads on until its input ends
	child.Dir = folder
	input, err := child.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	found, err = procfs.WorkingIn(folder)
	require.NoError(t, err)
	require.Equal(t, []int{child.Process.Pid}, found)
	here, err := os.Getwd()
	require.NoError(t, err)
	found, err = procfs.WorkingIn(here)
	require.NoError(t, err)
	require.Contains(t, found, os.Getpid())

	require.NoError(t, input.Close())
	require.NoError(t, child.Wait())
	found, err = procfs.WorkingIn(folder)
	require.NoError(t, err)
	require.Empty(t, found)
}
