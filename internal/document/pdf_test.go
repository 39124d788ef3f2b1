package document

import (
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/fonts"
)

func faces(t *testing.T) Fonts {
	t.Helper()
	text, bold, err := fonts.Find()
	require.NoError(t, err, "the PDF tests need the fonts the program needs")
	return Fonts{Text: text, Bold: bold}
}

// placed is one piece of text on a page: its lower left corner in points from the page's, and how it is set.
type placed struct {
	text              string
	x, y, size, track float64
}

var drawing = regexp.MustCompile(`BT /F\S+ ([\d.]+) Tf ET|(-?[\d.]+) Tc|BT ([\d.]+) ([\d.]+) Td \(`)

// pages reads back what is drawn on each page of a PDF.
func pages(t require.TestingT, pdf []byte) [][]placed {
	var out [][]placed
	for {
		_, rest, ok := bytes.Cut(pdf, []byte("stream\n"))
		if !ok {
			return out
		}
		pdf = rest
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			continue // the map to Unicode is not compressed
		}
		content, err := io.ReadAll(z)
		require.NoError(t, err)
		if bytes.HasPrefix(content, []byte("0 J\n")) { // as every page begins, and nothing else
			out = append(out, drawn(t, content))
		}
	}
}

func drawn(t require.TestingT, content []byte) []placed {
	var out []placed
	var now placed
	number := func(b []byte) float64 {
		f, err := strconv.ParseFloat(string(b), 64)
		require.NoError(t, err)
		return f
	}
	for {
		m := drawing.FindSubmatchIndex(content)
		if m == nil {
			return out
		}
		group := func(i int) []byte { return content[m[2*i]:m[2*i+1]] }
		switch {
		case m[2] >= 0:
			now.size = number(group(1))
		case m[4] >= 0:
			now.track = number(group(2))
		default:
			now.x, now.y = number(group(3)), number(group(4))
			now.text = unescaped(content[m[1]:])
			out = append(out, now)
		}
		content = content[m[1]:]
	}
}

// unescaped is the UTF-16 text of a PDF string up to its closing bracket.
func unescaped(b []byte) string {
	var raw []byte
	for i := 0; b[i] != ')'; i++ {
		if b[i] == '\\' {
			i++
			if b[i] == 'r' {
				raw = append(raw, '\r')
				continue
			}
		}
		raw = append(raw, b[i])
	}
	var units []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

func printed(t *testing.T, s Slip) (raw []byte, text [][]placed) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, PDF(&b, s, faces(t)))
	return b.Bytes(), pages(t, b.Bytes())
}

func TestPDFPage(t *testing.T) {
	raw, text := printed(t, sample())
	box := regexp.MustCompile(`/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]`).FindSubmatch(raw)
	require.NotNil(t, box)
	assert.Equal(t, "595.28", string(box[1]))
	assert.Equal(t, "841.89", string(box[2]))

	require.Len(t, text, 2)
	for n, page := range text {
		assert.Equal(t, "— "+strconv.Itoa(n+1)+" —", page[0].text)
		assert.Equal(t, 14.0, page[0].size)
		for _, p := range page[1:] {
			assert.GreaterOrEqual(t, p.x, 28*mm-0.01, p.text)
			assert.Greater(t, p.y, 35*mm, p.text)
			assert.Less(t, p.y+0.88*p.size, (297-37)*mm, p.text)
		}
	}
	assert.Greater(t, text[0][0].x, pageWidth/2, "odd numbers at the right")
	assert.Less(t, text[1][0].x, pageWidth/2, "even numbers at the left")
}

func TestPDFText(t *testing.T) {
	slip := sample()
	_, text := printed(t, slip)
	at := make(map[string]placed)
	var all strings.Builder
	for _, page := range text {
		for _, p := range page {
			at[p.text] = p
			all.WriteString(p.text)
		}
	}
	assert.Contains(t, all.String(), "市科技局、市工业和信息化局、各区县委改革办："+slip.Body[0]+slip.Body[1])
	assert.Contains(t, all.String(), slip.Basis)
	assert.Equal(t, 22.0, at["关于交办《新材料产业创新生态"].size)
	assert.Equal(t, 16.0, at[slip.Body[1]].size)

	char := 156 * mm / 28
	assert.InDelta(t, 28*mm+2*char, at[slip.Body[1]].x, 0.1, "two characters in")
	date := at["2026年11月22日"]
	assert.InDelta(t, 28*mm+(28-4)*char, date.x+7*char, 3, "four characters from the right")
	number := at[slip.Number]
	assert.InDelta(t, 28*mm+156*mm/2, number.x+width(slip.Number, em)*16/2, 3, "centred")
}

// Twenty-two lines of twenty-eight characters fill a page from edge to edge; one character more needs another page.
func TestPDFGrid(t *testing.T) {
	page := strings.Repeat("改", linesPerPage*columnsPerLine)
	for _, c := range []struct {
		text  string
		pages int
	}{{page, 1}, {page + "革", 2}} {
		p, err := newPrinter(Slip{}, faces(t))
		require.NoError(t, err)
		p.newPage()
		p.flow(text(c.text), nil)
		var b bytes.Buffer
		require.NoError(t, p.pdf.Output(&b))
		got := pages(t, b.Bytes())
		require.Len(t, got, c.pages)

		body := got[0][1:] // after the page number
		require.Len(t, body, linesPerPage)
		for i, line := range body {
			require.Len(t, []rune(line.text), columnsPerLine)
			assert.InDelta(t, 28*mm, line.x, 0.01)
			assert.InDelta(t, 156*mm, columnsPerLine*line.size+(columnsPerLine-1)*line.track, 0.5)
			if i > 0 {
				assert.InDelta(t, 225*mm/22, body[i-1].y-line.y, 0.02)
			}
		}
		if c.pages == 2 {
			assert.Equal(t, "革", got[1][1].text)
		}
	}
}

// However long the text, the last page has a line of it above the signature.
func TestPDFKeepsSignatureWithText(t *testing.T) {
	s := sample()
	s.Table, s.Basis = nil, ""
	pageCounts := make(map[int]bool)
	for n := 16; n < linesPerPage+2; n++ {
		s.Body = []string{strings.Repeat("改", 26+columnsPerLine*n)}
		_, text := printed(t, s)
		pageCounts[len(text)] = true
		var body int
		for _, p := range text[len(text)-1] {
			body += strings.Count(p.text, "改改")
		}
		assert.Positive(t, body, "%d lines", n+1)
	}
	assert.Len(t, pageCounts, 2, "some of these take one more page")
}

func TestPDFLongTable(t *testing.T) {
	s := sample()
	s.Table = [][2]string{{"说明", strings.Repeat("改", 22*linesPerPage*2)}}
	_, text := printed(t, s)
	n := 0
	for _, page := range text {
		for _, p := range page {
			assert.Greater(t, p.y, marginBottom-pageNoDrop-four)
			n += strings.Count(p.text, "改")
		}
	}
	assert.GreaterOrEqual(t, n, 22*linesPerPage*2, "no character is lost where a row is longer than a page")
}

func TestPDFMissingCharacter(t *testing.T) {
	s := sample()
	s.Number = "甲\U0001F600\U00020BB7乙"
	_, text := printed(t, s)
	var found bool
	for _, p := range text[0] {
		found = found || p.text == "甲〓〓乙"
	}
	assert.True(t, found)
}

func TestPDFDraftAndDeterminism(t *testing.T) {
	s := sample()
	s.Draft = true
	first, text := printed(t, s)
	for _, page := range text {
		assert.Equal(t, "草稿", page[1].text)
	}
	second, _ := printed(t, s)
	assert.True(t, bytes.Equal(first, second), "the same slip gives the same bytes")
}

func TestPDFOfAnyText(t *testing.T) {
	f := faces(t)
	for seed := range 25 { // each takes the time of reading two large fonts
		var b bytes.Buffer
		require.NoError(t, PDF(&b, anySlip().Example(seed), f), seed)
		assert.NotEmpty(t, pages(t, b.Bytes()), seed)
	}
}

func TestPDFNeedsItsFonts(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.ttf")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	assert.Error(t, PDF(io.Discard, sample(), Fonts{Text: empty, Bold: empty}), "an empty file is no font")
	assert.ErrorIs(t, PDF(io.Discard, sample(), Fonts{Text: "none", Bold: "none"}), os.ErrNotExist)
}
