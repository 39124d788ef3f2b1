package fonts_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/fonts"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	_, _, err := fonts.Find(dir, filepath.Join(dir, "none"))
	require.ErrorIs(t, err, fonts.ErrNone)

	below := filepath.Join(dir, "truetype", "lxgw")
	require.NoError(t, os.MkdirAll(below, 0o755))
	regular, strong := filepath.Join(below, "LXGWWenKaiMono-Regular.ttf"), filepath.Join(below, "LXGWWenKaiMono-Bold.ttf")
	require.NoError(t, os.WriteFile(regular, nil, 0o600))
	_, _, err = fonts.Find(dir)
	require.ErrorIs(t, err, fonts.ErrNone, "one of two is not enough")

	require.NoError(t, os.WriteFile(strong, nil, 0o600))
	text, bold, err := fonts.Find(filepath.Join(dir, "none"), dir)
	require.NoError(t, err)
	require.Equal(t, []string{regular, strong}, []string{text, bold})
}
