package public

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"rsc.io/qr/coding"
)

// squares draws QR codes. How the modules of a size are laid out is worked out once: it takes longer than drawing.
type squares struct{ plans sync.Map } // coding.Version -> *coding.Plan

// draw draws a text as a QR code in SVG, with the four modules of margin readers want.
func (s *squares) draw(text string) (string, error) {
	content := coding.String(text)
	version := coding.Version(coding.MinVersion)
	for content.Bits(version) > version.DataBytes(coding.M)*8 {
		if version++; version > coding.MaxVersion {
			return "", fmt.Errorf("%d bytes are too many for a square", len(text))
		}
	}
	plan, known := s.plans.Load(version)
	if !known {
		made, err := coding.NewPlan(version, coding.M, 0)
		if err != nil {
			return "", err
		}
		plan, _ = s.plans.LoadOrStore(version, made)
	}
	code, err := plan.(*coding.Plan).Encode(content)
	if err != nil {
		return "", err
	}
	var path []byte
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			first := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > first { // a run of black modules
				path = strconv.AppendInt(append(path, 'M'), int64(first+4), 10)
				path = strconv.AppendInt(append(path, ' '), int64(y+4), 10)
				path = strconv.AppendInt(append(path, 'h'), int64(x-first), 10)
				path = strconv.AppendInt(append(path, "v1h-"...), int64(x-first), 10)
				path = append(path, 'z')
			}
		}
	}
	size := strconv.Itoa(code.Size + 8)
	return strings.Join([]string{`<svg class="qr" viewBox="0 0 `, size, " ", size, `" aria-hidden="true"><rect width="`, size, `" height="`, size,
		`" fill="#fff"/><path d="`, string(path), `" fill="#000"/></svg>`}, ""), nil
}

// percent writes millionths as a score of a hundred.
func percent(millionths int64) string {
	return fmt.Sprintf("%d.%04d", millionths/10_000, millionths%10_000)
}
