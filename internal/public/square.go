package public

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// square draws a text as a QR code in SVG, with the four modules of margin readers want.
func square(text string) (string, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	return fmt.Sprintf(`<svg class="qr" viewBox="0 0 %[1]d %[1]d" aria-hidden="true"><rect width="%[1]d" height="%[1]d" fill="#fff"/><path d="%[2]s" fill="#000"/></svg>`,
		code.Size+8, path.String()), nil
}

// percent writes millionths as a score of a hundred.
func percent(millionths int64) string {
	return fmt.Sprintf("%d.%04d", millionths/10_000, millionths%10_000)
}
