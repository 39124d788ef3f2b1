// Package fonts looks for the typefaces of PDF on the machine.
package fonts

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// ErrNone is Find's answer on a machine that has no fit typeface.
var ErrNone = errors.New("no TrueType font with Chinese characters found: install the package fonts-lxgw-wenkai")

// The faces looked for: LXGW WenKai Mono (SIL Open Font License), whose Latin letters and figures are half as wide as
// Chinese characters, as the grid of 28 wants them. The better known Noto CJK has no TrueType outlines.
const (
	textFont = "LXGWWenKaiMono-Regular.ttf"
	boldFont = "LXGWWenKaiMono-Bold.ttf"
)

// Find gives the files of the two faces, looked for in dirs and below, or where Linux distributions keep fonts if there are
// none. A directory that does not exist holds no fonts; ErrNone says that one of the two is missing.
func Find(dirs ...string) (text, bold string, err error) {
	if len(dirs) == 0 {
		dirs = []string{"/usr/share/fonts", "/usr/local/share/fonts"}
	}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
				return nil
			case err != nil:
				return err
			case entry.Name() == textFont && text == "":
				text = path
			case entry.Name() == boldFont && bold == "":
				bold = path
			}
			return nil
		})
		if err != nil {
			return "", "", err
		}
	}
	if text == "" || bold == "" {
		return "", "", ErrNone
	}
	return text, bold, nil
}
