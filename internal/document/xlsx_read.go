package document

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/internal/calendar"
)

// trimmed is a cell's text without the blanks around it, those of a Chinese keyboard included.
func trimmed(s string) string { return strings.Trim(s, " \t\r\n\u00a0\u3000\ufeff") }

var writtenDay = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+00:00(?::00)?)?$`)

// SheetDate reads a day as people write it in a spreadsheet: a date cell's number, 2026-06-30, 2026/6/30, 2026.6.30 or
// 2026年6月30日.
func SheetDate(cell string) (calendar.Date, bool) {
	if n, err := strconv.ParseFloat(cell, 64); err == nil && n >= 36_526 && n < 73_051 { // 2000 to 2099
		at, err := excelize.ExcelDateToTime(n, false)
		return calendar.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()}, err == nil
	}
	found := writtenDay.FindStringSubmatch(cell)
	if found == nil {
		return calendar.Date{}, false
	}
	year, _ := strconv.Atoi(found[1])
	month, _ := strconv.Atoi(found[2])
	day, _ := strconv.Atoi(found[3])
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if at.Day() != day || int(at.Month()) != month {
		return calendar.Date{}, false
	}
	return calendar.Date{Year: year, Month: at.Month(), Day: day}, true
}
