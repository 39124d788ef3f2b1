package document

import (
	"fmt"
	"strings"

	"duban/internal/calendar"
)

// The words the form itself has, fixed by GB/T 9704-2012; all others come with the slip.
const (
	draftMark  = "草稿"
	basisLabel = "依据"
)

func addressed(to []string) string { return strings.Join(to, "、") + "：" }

func copied(to []string) string { return "抄送：" + strings.Join(to, "，") + "。" }

// written is d in figures, without leading zeros; nothing for the zero date.
func written(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
}

func issued(d calendar.Date) string { return written(d) + "印发" }

func pageNumber(n string) string { return "— " + n + " —" }
