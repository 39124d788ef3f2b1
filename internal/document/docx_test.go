package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// parts unzips a docx.
func parts(t require.TestingT, docx []byte) map[string]string {
	z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	require.NoError(t, err)
	out := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		out[f.Name] = string(content)
	}
	return out
}

func docx(t require.TestingT, s Slip) []byte {
	var b bytes.Buffer
	require.NoError(t, Docx(&b, s))
	return b.Bytes()
}

// word is what the tests read of word/document.xml.
type word struct {
	Paragraphs []paragraph `xml:"body>p"`
	Tables     []struct {
		Rows []struct {
			Cells []paragraph `xml:"tc>p"`
		} `xml:"tr"`
	} `xml:"body>tbl"`
	Section struct {
		Size struct {
			W int `xml:"w,attr"`
			H int `xml:"h,attr"`
		} `xml:"pgSz"`
		Margins struct {
			Top    int `xml:"top,attr"`
			Right  int `xml:"right,attr"`
			Bottom int `xml:"bottom,attr"`
			Left   int `xml:"left,attr"`
		} `xml:"pgMar"`
		Grid struct {
			Type      string `xml:"type,attr"`
			LinePitch int    `xml:"linePitch,attr"`
			CharSpace int    `xml:"charSpace,attr"`
		} `xml:"docGrid"`
	} `xml:"body>sectPr"`
}

type value struct {
	Val string `xml:"val,attr"`
}

type paragraph struct {
	Spacing struct {
		Line int    `xml:"line,attr"`
		Rule string `xml:"lineRule,attr"`
	} `xml:"pPr>spacing"`
	Align  value `xml:"pPr>jc"`
	Indent struct {
		First int `xml:"firstLineChars,attr"`
		Right int `xml:"rightChars,attr"`
	} `xml:"pPr>ind"`
	Under value `xml:"pPr>pBdr>bottom"`
	Runs  []struct {
		Size  value `xml:"rPr>sz"`
		Color value `xml:"rPr>color"`
		Font  struct {
			EastAsia string `xml:"eastAsia,attr"`
		} `xml:"rPr>rFonts"`
		Text string `xml:"t"`
	} `xml:"r"`
}

func (p paragraph) text() string {
	var b strings.Builder
	for _, r := range p.Runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

func read(t require.TestingT, s Slip) word {
	var w word
	require.NoError(t, xml.Unmarshal([]byte(parts(t, docx(t, s))["word/document.xml"]), &w))
	return w
}

// find is the one paragraph with this text.
func (w word) find(t *testing.T, text string) paragraph {
	t.Helper()
	var found []paragraph
	for _, p := range w.Paragraphs {
		if p.text() == text {
			found = append(found, p)
		}
	}
	require.Len(t, found, 1, text)
	return found[0]
}

func TestDocxPage(t *testing.T) {
	const twipsPerMM, tolerance = 1440 / 25.4, 1440 / 25.4 // 1 mm
	s := read(t, sample()).Section
	assert.InDelta(t, 210*twipsPerMM, s.Size.W, tolerance)
	assert.InDelta(t, 297*twipsPerMM, s.Size.H, tolerance)
	assert.InDelta(t, 37*twipsPerMM, s.Margins.Top, tolerance)
	assert.InDelta(t, 35*twipsPerMM, s.Margins.Bottom, tolerance)
	assert.InDelta(t, 28*twipsPerMM, s.Margins.Left, tolerance)
	assert.InDelta(t, 26*twipsPerMM, s.Margins.Right, tolerance)

	across, down := s.Size.W-s.Margins.Left-s.Margins.Right, s.Size.H-s.Margins.Top-s.Margins.Bottom
	assert.Equal(t, "linesAndChars", s.Grid.Type)
	assert.Equal(t, 22, down/s.Grid.LinePitch)
	char := 20 * (16 + float64(s.Grid.CharSpace)/4096) // the grid adds to 三号 what charSpace says, in 1/4096 point
	assert.Equal(t, 28, int(float64(across)/char))
}

func TestDocxParagraphs(t *testing.T) {
	slip := sample()
	w := read(t, slip)
	for _, c := range []struct {
		what, text        string
		font, size, align string
		red               bool
		first, right      int
	}{
		{"kind", "交办单", "方正小标宋简体", "80", "center", true, 0, 0},
		{"number", slip.Number, "仿宋_GB2312", "32", "center", false, 0, 0},
		{"title", slip.Title, "方正小标宋简体", "44", "center", false, 0, 0},
		{"addressees", "市科技局、市工业和信息化局、各区县委改革办：", "仿宋_GB2312", "32", "both", false, 0, 0},
		{"body", slip.Body[0], "仿宋_GB2312", "32", "both", false, 200, 0},
		{"heading", slip.Body[1], "黑体", "32", "both", false, 200, 0},
		{"second heading", slip.Body[3], "楷体_GB2312", "32", "both", false, 200, 0},
		{"date", "2026年11月22日", "仿宋_GB2312", "32", "right", false, 0, 400},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := w.find(t, c.text)
			assert.Equal(t, c.align, p.Align.Val)
			assert.Equal(t, c.first, p.Indent.First)
			assert.Equal(t, c.right, p.Indent.Right)
			assert.Equal(t, "exact", p.Spacing.Rule)
			for _, r := range p.Runs {
				assert.Equal(t, c.font, r.Font.EastAsia)
				assert.Equal(t, c.size, r.Size.Val)
				assert.Equal(t, c.red, r.Color.Val == "FF0000")
			}
			assert.Equal(t, c.what == "number", p.Under.Val == "single", "the red line is under the number")
		})
	}
}

func TestDocxFactsAndImprint(t *testing.T) {
	slip := sample()
	w := read(t, slip)
	require.Len(t, w.Tables, 2)
	facts, imprint := w.Tables[0].Rows, w.Tables[1].Rows
	require.Len(t, facts, len(slip.Table)+1)
	for i, row := range slip.Table {
		assert.Equal(t, row[0], facts[i].Cells[0].text())
		assert.Equal(t, row[1], facts[i].Cells[1].text())
	}
	assert.Equal(t, slip.Basis, facts[len(slip.Table)].Cells[1].text())
	require.Len(t, imprint, 2)
	assert.Equal(t, "抄送：市委领导小组成员单位，各区县委、高新区工委改革办，市委督查室，市政府督查室，市纪委机关。", imprint[0].Cells[0].text())
	assert.Equal(t, slip.Issuer+"2026年11月22日印发", imprint[1].Cells[0].text())
}

func TestDocxTextIsData(t *testing.T) {
	s := sample()
	s.Title = "a<b>&\"c'\x00\x1b\u202e]]>\xff"
	s.Body = []string{"第一段\n第二段</w:t>", "\x07"}
	w := read(t, s)
	w.find(t, `a<b>&"c']]>`)
	w.find(t, "第一段")
	w.find(t, "第二段</w:t>")
}

func TestDocxDraft(t *testing.T) {
	s := sample()
	for _, part := range []string{"word/header-odd.xml", "word/header-even.xml"} {
		assert.NotContains(t, parts(t, docx(t, s))[part], "草稿")
	}
	s.Draft = true
	for _, part := range []string{"word/header-odd.xml", "word/header-even.xml"} {
		assert.Contains(t, parts(t, docx(t, s))[part], "草稿")
	}
}

// Every part a relationship names is there and has a type, and every reference of the document has its relationship.
func TestDocxIsWhole(t *testing.T) {
	type relationships struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	p := parts(t, docx(t, sample()))
	for rels, folder := range map[string]string{"_rels/.rels": "", "word/_rels/document.xml.rels": "word/"} {
		var r relationships
		require.NoError(t, xml.Unmarshal([]byte(p[rels]), &r))
		require.NotEmpty(t, r.Relationship)
		for _, rel := range r.Relationship {
			assert.Contains(t, p, folder+rel.Target)
			assert.Contains(t, p["[Content_Types].xml"], `"/`+folder+rel.Target+`"`)
			if strings.HasPrefix(rel.ID, "header") || strings.HasPrefix(rel.ID, "footer") {
				assert.Contains(t, p["word/document.xml"], `r:id="`+rel.ID+`"`)
			}
		}
	}
}

func TestDocxGolden(t *testing.T) {
	const golden = "testdata/slip.document.xml"
	first := docx(t, sample())
	assert.Equal(t, first, docx(t, sample()), "the same slip gives the same bytes")
	got := parts(t, first)["word/document.xml"]
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "go test ./internal/document -update writes it anew")
}

// anySlip draws slips of any text, well-formed or not.
func anySlip() *rapid.Generator[Slip] {
	text := rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "bytes") {
			return string(rapid.SliceOf(rapid.Byte()).Draw(t, "raw"))
		}
		return rapid.String().Draw(t, "text")
	})
	return rapid.Custom(func(t *rapid.T) Slip {
		s := Slip{
			Issuer: text.Draw(t, "issuer"), Kind: text.Draw(t, "kind"), Number: text.Draw(t, "number"),
			Title: text.Draw(t, "title"), Basis: text.Draw(t, "basis"), Draft: rapid.Bool().Draw(t, "draft"),
			Addressees: rapid.SliceOf(text).Draw(t, "addressees"),
			Copies:     rapid.SliceOf(text).Draw(t, "copies"),
			Body:       rapid.SliceOf(text).Draw(t, "body"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			s.Table = append(s.Table, [2]string{text.Draw(t, "label"), text.Draw(t, "value")})
		}
		if rapid.Bool().Draw(t, "dated") {
			s.Date = sample().Date
		}
		return s
	})
}

func TestDocxOfAnyTextIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for name, content := range parts(t, docx(t, anySlip().Draw(t, "slip"))) {
			d := xml.NewDecoder(strings.NewReader(content))
			for {
				_, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err, name)
			}
		}
	})
}
