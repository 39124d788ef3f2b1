package document

// Fonts are the files PDF takes its typefaces from: TrueType outlines, one face to a file, free to embed.
type Fonts struct {
	Text string // for 仿宋 and 楷体
	Bold string // for 小标宋 and 黑体
}

// file is the font file of a face.
func (f Fonts) file(face face) string {
	if face == song || face == hei {
		return f.Bold
	}
	return f.Text
}
