package document

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Fonts are the files PDF takes its typefaces from: TrueType outlines, one face to a file, free to embed.
type Fonts struct {
	Text string // for 仿宋 and 楷体
	Bold string // for 小标宋 and 黑体
}

// ErrNoFonts is FindFonts's answer on a machine that has no fit typeface.
var ErrNoFonts = errors.New("no TrueType font with Chinese characters found: install the package fonts-lxgw-wenkai")

// The faces looked for: LXGW WenKai Mono (SIL Open Font License), whose Latin letters and figures are half as wide as
// Chinese characters, as the grid of 28 wants them. The better known Noto CJK has no TrueType outlines.
const (
	textFont = "LXGWWenKaiMono-Regular.ttf"
	boldFont = "LXGWWenKaiMono-Bold.ttf"
)

// SystemFonts are the directories in which Linux and macOS keep fonts, a person's own included.
func SystemFonts() []string {
	all := []string{"/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"}
	if home, err := os.UserHomeDir(); err == nil {
		all = append(all, filepath.Join(home, "Library/Fonts"), filepath.Join(home, ".local/share/fonts"), filepath.Join(home, ".fonts"))
	}
	return all
}

// FindFonts looks for the fonts of PDF in dirs and below, or in SystemFonts if there are none. A directory that does
// not exist holds no fonts; ErrNoFonts says that one of the two is missing.
func FindFonts(dirs ...string) (Fonts, error) {
	if len(dirs) == 0 {
		dirs = SystemFonts()
	}
	var found Fonts
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
				return nil
			case err != nil:
				return err
			case entry.Name() == textFont && found.Text == "":
				found.Text = path
			case entry.Name() == boldFont && found.Bold == "":
				found.Bold = path
			}
			return nil
		})
		if err != nil {
			return Fonts{}, err
		}
	}
	if found.Text == "" || found.Bold == "" {
		return Fonts{}, ErrNoFonts
	}
	return found, nil
}

// file is the font file of a face.
func (f Fonts) file(face face) string {
	if face == song || face == hei {
		return f.Bold
	}
	return f.Text
}
