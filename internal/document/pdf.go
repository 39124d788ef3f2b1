package document

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"duban/internal/calendar"
)

// PDF writes s as a PDF of A4 pages, with the characters it uses embedded. A character the font does not have is drawn
// as 〓. The same slip gives the same bytes.
func PDF(w io.Writer, s Slip, fonts Fonts) error {
	p, err := newPrinter(s, fonts)
	if err != nil {
		return err
	}
	doc := layout(s)
	p.mark = doc.mark
	for _, b := range doc.imprint {
		p.foot += p.height(b)
	}
	p.newPage()
	for i, b := range doc.flow {
		p.flow(b, doc.flow[i+1:])
	}
	p.imprint(doc.imprint)
	if err := p.pdf.Output(w); err != nil {
		return fmt.Errorf("writing pdf: %w", err)
	}
	return nil
}

// printer puts blocks on pages from top to bottom.
type printer struct {
	pdf   *fpdf.Fpdf
	faces [kai + 1]metrics
	mark  string
	foot  float64 // height of the imprint
	y     float64 // of the next line, from the top of the page
}

const bottom = pageHeight - marginBottom

func newPrinter(s Slip, fonts Fonts) (*printer, error) {
	p := &printer{pdf: fpdf.New("P", "pt", "A4", "")}
	loaded := make(map[string]metrics)
	for f := range p.faces {
		path := fonts.file(face(f))
		m, ok := loaded[path]
		if !ok {
			ttf, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("reading font: %w", err)
			}
			info, err := fpdf.TtfParse(path)
			if err != nil {
				return nil, fmt.Errorf("reading font %s: %w", path, err)
			}
			m = metrics{family: "f" + strconv.Itoa(len(loaded)), ttf: info}
			p.pdf.AddUTF8FontFromBytes(m.family, "", ttf)
			loaded[path] = m
		}
		p.faces[f] = m
	}
	p.pdf.SetAutoPageBreak(false, 0)
	p.pdf.SetCatalogSort(true)
	p.pdf.SetTitle(clean(s.Title), true)
	p.pdf.SetAuthor(clean(s.Issuer), true)
	p.pdf.SetLang("zh-CN")
	// The document's own date, not the time of printing, so that printing it again gives the same file.
	made := time.Unix(0, 0).UTC()
	if !s.Date.IsZero() {
		made = s.Date.At(calendar.Clock(0))
	}
	p.pdf.SetCreationDate(made)
	p.pdf.SetModificationDate(made)
	return p, p.pdf.Error()
}

// metrics are what a font knows about its characters.
type metrics struct {
	family string
	ttf    fpdf.TtfType
}

const missing = '〓'

// advance is the width of r in characters.
func (m metrics) advance(r rune) float64 {
	if !m.has(r) {
		return 1
	}
	return float64(m.ttf.Widths[m.ttf.Chars[uint16(r)]]) / float64(m.ttf.UnitsPerEm)
}

func (m metrics) has(r rune) bool {
	if r > 0xFFFF {
		return false
	}
	glyph, ok := m.ttf.Chars[uint16(r)]
	return ok && int(glyph) < len(m.ttf.Widths)
}

func (m metrics) printable(s string) string {
	return strings.Map(func(r rune) rune {
		if m.has(r) {
			return r
		}
		return missing
	}, s)
}

func (p *printer) newPage() {
	p.pdf.AddPage()
	p.y = marginTop
	n := p.pdf.PageNo()
	number := text(pageNumber(strconv.Itoa(n)))
	number.size, number.align, number.left, number.right = four, left, 1, 1
	if n%2 == 1 {
		number.align = right
	}
	number.pitch = four
	p.line(number, number.lines[0], wholeLine, bottom+pageNoDrop-four/2, true)
	if p.mark != "" {
		mark := text(p.mark)
		mark.face, mark.align = hei, right
		p.line(mark, p.mark, wholeLine, marginTop/2, true)
	}
}

// span is a stretch of the page from left to right.
type span struct{ x, width float64 }

var wholeLine = span{marginLeft, textWidth}

// broken is the text of b in lines that fit into the span.
func (p *printer) broken(b block, in span) []string {
	if len(b.lines) != 1 {
		return b.lines
	}
	columns := in.width/(b.size+b.track()) - b.left - b.right
	return lines(b.lines[0], columns, b.first, p.faces[b.face].advance)
}

// height is what b takes of the page, without the white above it and below.
func (p *printer) height(b block) float64 {
	if b.rows == nil {
		return float64(len(p.broken(b, wholeLine))) * b.pitch
	}
	h := 0.0
	for _, row := range b.rows {
		h += p.rowHeight(row)
	}
	return h
}

// following is the height that must be free under the last line of b, for what may not be parted from it: the first
// line of the next block and, if it has no other, what that in turn may not be parted from.
func (p *printer) following(b block, rest []block) float64 {
	if !b.keep {
		return 0
	}
	if len(rest) == 0 {
		return p.foot
	}
	next, height := rest[0], p.height(rest[0])
	first := next.pitch
	if len(next.rows) > 0 {
		first = p.rowHeight(next.rows[0])
	}
	need := b.after + next.before + first
	if height <= first {
		need += p.following(next, rest[1:])
	}
	return need
}

// flow prints b where the one before it ended, on as many pages as it takes.
func (p *printer) flow(b block, rest []block) {
	following := p.following(b, rest)
	p.y += b.before
	if b.rows != nil {
		p.table(b.rows, following)
	} else {
		p.paragraph(b, following)
	}
	p.y += b.after
}

func (p *printer) paragraph(b block, following float64) {
	text := p.broken(b, wholeLine)
	for i, line := range text {
		last := i == len(text)-1
		if last {
			p.room(b.pitch + following)
		} else {
			p.room(b.pitch)
		}
		p.line(b, line, wholeLine, p.y, last)
		p.y += b.pitch
		b.first = 0
	}
	if b.rule {
		p.y += b.ruleGap()
		p.pdf.SetDrawColor(255, 0, 0)
		p.rule(p.y+redLine/2, redLine)
		p.pdf.SetDrawColor(0, 0, 0)
		p.y += redLine
	}
}

const nearly = 1e-3 // of a point

// room begins a new page if the height does not fit on this one but would on that.
func (p *printer) room(height float64) {
	if p.y+height > bottom+nearly && p.y > marginTop {
		p.newPage()
	}
}

// rule draws a line across the text.
func (p *printer) rule(y, width float64) {
	p.pdf.SetLineWidth(width)
	p.pdf.Line(marginLeft, y, marginLeft+textWidth, y)
}

// line prints one line of b in the span, its box beginning at top. Every line of a justified paragraph but the last
// fills the span.
func (p *printer) line(b block, s string, in span, top float64, last bool) {
	face := p.faces[b.face]
	s = face.printable(s)
	n := float64(len([]rune(s)))
	if n == 0 {
		return
	}
	track := b.track()
	char := b.size + track
	x := in.x + (b.left+b.first)*char
	free := in.width - (b.left+b.first+b.right)*char
	natural := width(s, face.advance) * b.size
	taken := natural + (n-1)*track
	switch {
	case b.align == right:
		x += free - taken
	case b.align == center:
		x += (free - taken) / 2
	case b.align == justified && !last && n > 1 && free-taken < 3*b.size: // a long word may leave more: then rather ragged
		track = (free - natural) / (n - 1)
	}
	p.pdf.SetFont(face.family, "", b.size)
	p.pdf.SetTextColor(0, 0, 0)
	if b.red {
		p.pdf.SetTextColor(255, 0, 0)
	}
	const ascent = 0.88 // of a Chinese character's box lies above the base line
	base := top + (b.pitch-b.size)/2 + ascent*b.size
	p.pdf.RawWriteStr(fmt.Sprintf("%.4f Tc", track))
	p.pdf.Text(x, base, s)
	if b.tail != "" && last {
		tail := b
		tail.tail, tail.align = "", right
		p.line(tail, b.tail, in, top, true)
	}
}

// inside is where the text of the two cells of a row goes.
func inside() [2]span {
	label, value := columnWidths()
	return [2]span{
		{marginLeft + cellMargin, label - 2*cellMargin},
		{marginLeft + label + cellMargin, value - 2*cellMargin},
	}
}

func (p *printer) rowHeight(row [2]string) float64 {
	n := 1
	for i, cell := range cells(row) {
		n = max(n, len(p.broken(cell, inside()[i])))
	}
	return float64(n) * pitch
}

// table prints the facts, each row whole unless it is longer than a page.
func (p *printer) table(rows [][2]string, following float64) {
	label, _ := columnWidths()
	for n, row := range rows {
		height := p.rowHeight(row)
		if n == len(rows)-1 {
			height += following
		}
		p.room(height)
		var text [2][]string
		for i, cell := range cells(row) {
			text[i] = p.broken(cell, inside()[i])
		}
		for len(text[0])+len(text[1]) > 0 {
			p.room(pitch)
			n := min(max(len(text[0]), len(text[1])), int((bottom-p.y+nearly)/pitch))
			height := float64(n) * pitch
			p.pdf.SetLineWidth(thin)
			p.pdf.Rect(marginLeft, p.y, textWidth, height, "D")
			p.pdf.Line(marginLeft+label, p.y, marginLeft+label, p.y+height)
			for i, cell := range cells(row) {
				part := text[i][:min(n, len(text[i]))]
				text[i] = text[i][len(part):]
				y := p.y + float64(n-len(part))/2*pitch
				for j, s := range part {
					p.line(cell, s, inside()[i], y+float64(j)*pitch, true)
				}
			}
			p.y += height
		}
	}
}

// imprint prints the blocks at the foot of the last page; one too high for that goes on to the next.
func (p *printer) imprint(blocks []block) {
	p.room(p.foot)
	p.y = max(p.y, bottom-p.foot)
	p.rule(p.y, thick)
	for i, b := range blocks {
		if i > 0 {
			p.rule(p.y, thin)
		}
		p.flow(b, nil)
	}
	p.rule(p.y, thick)
}
