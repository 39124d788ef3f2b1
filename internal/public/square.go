package public

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"strings"
	"sync"

	"rsc.io/qr/coding"
)

// squares draws QR codes. How the modules of a size are laid out is worked out once: it takes longer than drawing.
type squares struct{ plans sync.Map } // coding.Version -> *coding.Plan

// margin is how many white modules readers want around.
const margin = 4

// draw draws a text as a QR code: the address of a picture that holds the picture itself, and how many modules it is wide.
func (s *squares) draw(text string) (address string, width int, err error) {
	content := coding.String(text)
	version := coding.Version(coding.MinVersion)
	for content.Bits(version) > version.DataBytes(coding.M)*8 {
		if version++; version > coding.MaxVersion {
			return "", 0, fmt.Errorf("%d bytes are too many for a square", len(text))
		}
	}
	plan, known := s.plans.Load(version)
	if !known {
		made, err := coding.NewPlan(version, coding.M, 0)
		if err != nil {
			return "", 0, err
		}
		plan, _ = s.plans.LoadOrStore(version, made)
	}
	code, err := plan.(*coding.Plan).Encode(content)
	if err != nil {
		return "", 0, err
	}
	width = code.Size + 2*margin
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(encoded(code)), width, nil
}

// encoded is a square as PNG, a module a pixel, one bit each, uncompressed: deflating would take longer than all the rest
// and save a hundred bytes.
func encoded(code *coding.Code) []byte {
	width := code.Size + 2*margin
	stride := 1 + (width+7)/8 // each line begins with its filter: none
	lines := bytes.Repeat([]byte{0xff}, width*stride)
	for y := range width {
		lines[y*stride] = 0
	}
	for y := range code.Size {
		line, row := lines[(y+margin)*stride+1:], code.Bitmap[y*code.Stride:]
		for i := range (code.Size + 7) / 8 { // eight modules at once, black ones set, to be moved by half a byte
			line[i] &^= row[i] >> margin
			line[i+1] &^= row[i] << margin
		}
	}
	header := be.AppendUint32(be.AppendUint32(nil, uint32(width)), uint32(width))
	header = append(header, 1, 0, 0, 0, 0) // bits of a pixel; grey; deflate, usual filters, not interlaced
	stored := []byte{0x78, 0x01, 1}        // zlib; one last block as it is
	stored = binary.LittleEndian.AppendUint16(stored, uint16(len(lines)))
	stored = binary.LittleEndian.AppendUint16(stored, ^uint16(len(lines)))
	stored = be.AppendUint32(append(stored, lines...), adler32.Checksum(lines))
	return chunk(chunk(chunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", header), "IDAT", stored), "IEND", nil)
}

var be = binary.BigEndian

// chunk appends a chunk of PNG.
func chunk(png []byte, kind string, data []byte) []byte {
	png = be.AppendUint32(png, uint32(len(data)))
	begin := len(png)
	png = append(append(png, kind...), data...)
	return be.AppendUint32(png, crc32.ChecksumIEEE(png[begin:]))
}

// formula writes a round's formula as people read it.
func formula(cel string) string {
	return strings.NewReplacer("unit", text("unit-share"), "public", text("public-share"), "*", "×", "/", "÷").Replace(cel)
}

// percent writes millionths as a score of a hundred.
func percent(millionths int64) string {
	return fmt.Sprintf("%d.%04d", millionths/10_000, millionths%10_000)
}
