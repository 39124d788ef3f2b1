package document

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

//go:embed all:template
var template embed.FS

// Docx writes s as an Office Open XML document. The same slip gives the same bytes.
func Docx(w io.Writer, s Slip) error {
	doc := layout(s)
	parts := []struct{ name, content string }{
		{"[Content_Types].xml", ""}, // no content: taken from the template as it is
		{"_rels/.rels", ""},
		{"docProps/core.xml", coreXML(s)},
		{"word/_rels/document.xml.rels", ""},
		{"word/document.xml", documentXML(doc)},
		{"word/styles.xml", ""},
		{"word/settings.xml", ""},
		{"word/fontTable.xml", ""},
		{"word/header-odd.xml", headerXML(doc.mark)},
		{"word/header-even.xml", headerXML(doc.mark)},
		{"word/footer-odd.xml", footerXML("right")},
		{"word/footer-even.xml", footerXML("left")},
	}
	z := zip.NewWriter(w)
	for _, part := range parts {
		content := []byte(part.content)
		if len(content) == 0 {
			var err error
			if content, err = template.ReadFile("template/" + part.name); err != nil {
				return err
			}
		}
		f, err := z.CreateHeader(&zip.FileHeader{
			Name:     part.name,
			Method:   zip.Deflate,
			Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), // the first day zip knows
		})
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordNS  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
)

// escape makes s safe between tags and in attributes.
func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer takes every write
	return b.String()
}

// twips is a length in points as Word counts it, in twentieths.
func twips(points float64) int { return int(math.Round(points * 20)) }

// eighths is the thickness of a line in points as Word counts it.
func eighths(points float64) int { return int(math.Round(points * 8)) }

func coreXML(s Slip) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`)
	fmt.Fprintf(&b, `<dc:title>%s</dc:title><dc:creator>%s</dc:creator>`, escape(clean(s.Title)), escape(clean(s.Issuer)))
	if !s.Date.IsZero() {
		fmt.Fprintf(&b, `<dcterms:created xsi:type="dcterms:W3CDTF">%sT00:00:00+08:00</dcterms:created>`, s.Date)
	}
	b.WriteString("</cp:coreProperties>\n")
	return b.String()
}

// documentXML has a line for each paragraph, so that people can read it.
func documentXML(doc sheet) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:document ` + wordNS +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>` + "\n")
	for i, block := range doc.flow {
		if i == len(doc.flow)-2 {
			writeImprint(&b, doc.imprint) // before the signature, which takes it along
		}
		if block.rows != nil {
			writeTable(&b, block)
		} else {
			writeParagraph(&b, block)
		}
	}
	fmt.Fprintf(&b, `<w:sectPr><w:headerReference w:type="default" r:id="header-odd"/><w:headerReference w:type="even" r:id="header-even"/>`+
		`<w:footerReference w:type="default" r:id="footer-odd"/><w:footerReference w:type="even" r:id="footer-even"/>`+"\n"+
		`<w:pgSz w:w="%d" w:h="%d"/><w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="%d" w:footer="%d" w:gutter="0"/>`+"\n"+
		`<w:docGrid w:type="linesAndChars" w:linePitch="%d" w:charSpace="%d"/></w:sectPr>`+"\n",
		twips(pageWidth), twips(pageHeight), twips(marginTop), twips(marginRight), twips(marginBottom), twips(marginLeft),
		twips(marginTop/2), twips(marginBottom-pageNoDrop-four/2), int(math.Floor(pitch*20)), int(math.Floor(tracking*4096)))
	b.WriteString("</w:body></w:document>\n")
	return b.String()
}

func writeParagraph(out *strings.Builder, b block) {
	out.WriteString(`<w:p><w:pPr>`)
	// Of a longer paragraph keepNext is to hold the last line only, but LibreOffice moves it whole.
	if b.keep && len(lines(b.lines[0], columnsPerLine, b.first, em)) == 1 {
		out.WriteString(`<w:keepNext/>`)
	}
	if b.rule {
		fmt.Fprintf(out, `<w:pBdr><w:bottom w:val="single" w:sz="%d" w:space="%.0f" w:color="FF0000"/></w:pBdr>`, eighths(redLine), b.ruleGap())
	}
	if b.tail != "" {
		fmt.Fprintf(out, `<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, twips(textWidth-b.right*b.size))
	}
	fmt.Fprintf(out, `<w:spacing w:before="%d" w:after="%d" w:line="%d" w:lineRule="exact"/>`, twips(b.before), twips(b.after), int(b.pitch*20))
	indent(out, b)
	fmt.Fprintf(out, `<w:jc w:val="%s"/></w:pPr>`, [...]string{justified: "both", left: "left", center: "center", right: "right"}[b.align])
	for i, line := range b.lines {
		if i > 0 {
			fmt.Fprintf(out, `<w:r>%s<w:br/></w:r>`, runProperties(b))
		}
		fmt.Fprintf(out, `<w:r>%s<w:t xml:space="preserve">%s</w:t></w:r>`, runProperties(b), escape(line))
	}
	if b.tail != "" {
		fmt.Fprintf(out, `<w:r>%s<w:tab/><w:t>%s</w:t></w:r>`, runProperties(b), escape(b.tail))
	}
	out.WriteString("</w:p>\n")
}

// indent gives the indents in characters, which Word keeps when the size is changed, and in twips for other readers.
func indent(out *strings.Builder, b block) {
	if b.first == 0 && b.left == 0 && b.right == 0 {
		return
	}
	chars := func(n float64) (hundredths, tw int) { return int(math.Round(n * 100)), twips(n * (b.size + tracking)) }
	l, lt := chars(b.left)
	r, rt := chars(b.right)
	fmt.Fprintf(out, `<w:ind w:leftChars="%d" w:left="%d" w:rightChars="%d" w:right="%d"`, l, lt, r, rt)
	if f, ft := chars(b.first); f > 0 {
		fmt.Fprintf(out, ` w:firstLineChars="%d" w:firstLine="%d"`, f, ft)
	} else if f < 0 {
		fmt.Fprintf(out, ` w:hangingChars="%d" w:hanging="%d"`, -f, -ft)
	}
	out.WriteString(`/>`)
}

// typeface is the name of a face; template/word/fontTable.xml says what else will do.
func typeface(f face) string {
	return [...]string{song: "方正小标宋简体", fang: "仿宋_GB2312", hei: "黑体", kai: "楷体_GB2312"}[f]
}

func runProperties(b block) string {
	var out strings.Builder
	fmt.Fprintf(&out, `<w:rPr><w:rFonts w:ascii="%[1]s" w:hAnsi="%[1]s" w:eastAsia="%[1]s" w:hint="eastAsia"/>`, typeface(b.face))
	if b.red {
		out.WriteString(`<w:color w:val="FF0000"/>`)
	}
	if b.spread != 0 {
		fmt.Fprintf(&out, `<w:spacing w:val="%d"/>`, twips(b.track()))
	}
	fmt.Fprintf(&out, `<w:sz w:val="%[1]d"/><w:szCs w:val="%[1]d"/></w:rPr>`, int(math.Round(b.size*2)))
	return out.String()
}

func border(out *strings.Builder, side string, thick float64) {
	fmt.Fprintf(out, `<w:%s w:val="single" w:sz="%d" w:space="0" w:color="000000"/>`, side, eighths(thick))
}

// writeTable writes the facts.
func writeTable(out *strings.Builder, b block) {
	label, value := columnWidths()
	fmt.Fprintf(out, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblBorders>`, twips(textWidth))
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		border(out, side, thin)
	}
	fmt.Fprintf(out, `</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="%[1]d" w:type="dxa"/><w:right w:w="%[1]d" w:type="dxa"/></w:tblCellMar></w:tblPr>`+
		`<w:tblGrid><w:gridCol w:w="%[2]d"/><w:gridCol w:w="%[3]d"/></w:tblGrid>`+"\n", twips(cellMargin), twips(label), twips(value))
	for n, row := range b.rows {
		pair := cells(row)
		for i := range pair {
			pair[i].keep = b.keep && n == len(b.rows)-1
		}
		out.WriteString("<w:tr><w:trPr><w:cantSplit/></w:trPr>\n")
		writeCell(out, label, pair[0])
		writeCell(out, value, pair[1])
		out.WriteString("</w:tr>\n")
	}
	out.WriteString("</w:tbl>\n")
}

func writeCell(out *strings.Builder, width float64, b block) {
	fmt.Fprintf(out, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>`, twips(width))
	writeParagraph(out, b)
	out.WriteString("</w:tc>\n")
}

// writeImprint writes the imprint as a table that floats at the foot of the text, on the page of the paragraph after it.
func writeImprint(out *strings.Builder, blocks []block) {
	// LibreOffice lets a table as wide as the text float only if it begins outside the text: hence the twip.
	fmt.Fprintf(out, `<w:tbl><w:tblPr><w:tblpPr w:vertAnchor="margin" w:horzAnchor="page" w:tblpX="%d" w:tblpYSpec="bottom"/>`+
		`<w:tblOverlap w:val="never"/><w:tblW w:w="%d" w:type="dxa"/><w:tblBorders>`, twips(marginLeft)-1, twips(textWidth))
	border(out, "top", thick)
	border(out, "bottom", thick)
	border(out, "insideH", thin)
	fmt.Fprintf(out, `</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>`+
		`<w:tblGrid><w:gridCol w:w="%d"/></w:tblGrid>`+"\n", twips(textWidth))
	for _, b := range blocks {
		out.WriteString("<w:tr><w:trPr><w:cantSplit/></w:trPr>\n")
		writeCell(out, textWidth, b)
		out.WriteString("</w:tr>\n")
	}
	out.WriteString("</w:tbl>\n")
}

func headerXML(mark string) string {
	b := text(mark)
	b.face, b.align = hei, right
	var out strings.Builder
	writeParagraph(&out, b)
	return xmlHead + `<w:hdr ` + wordNS + `>` + out.String() + "</w:hdr>\n"
}

// footerXML is the page number, a character away from the outer edge of the text.
func footerXML(side string) string {
	before, after, _ := strings.Cut(pageNumber("\x00"), "\x00")
	const font = `<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体" w:hint="eastAsia"/><w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>`
	run := func(s string) string { return `<w:r>` + font + `<w:t xml:space="preserve">` + s + `</w:t></w:r>` }
	return xmlHead + `<w:ftr ` + wordNS + `><w:p><w:pPr>` +
		fmt.Sprintf(`<w:spacing w:line="%[1]d" w:lineRule="exact"/><w:ind w:left="%[1]d" w:right="%[1]d"/><w:jc w:val="%[2]s"/></w:pPr>`, twips(four), side) +
		run(before) + `<w:fldSimple w:instr=" PAGE ">` + run("1") + `</w:fldSimple>` + run(after) + "</w:p></w:ftr>\n"
}
