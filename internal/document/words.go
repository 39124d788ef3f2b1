package document

import (
	"strings"

	"duban/internal/calendar"
	"duban/internal/message"
)

// The words the form itself has; all others come with the slip.

func draftMark() string  { return message.Text("document.draft", nil) }
func basisLabel() string { return message.Text("document.basis", nil) }

func addressed(to []string) string {
	return message.Text("document.addressees", map[string]any{"to": strings.Join(to, "、")})
}

func copied(to []string) string {
	return message.Text("document.copies", map[string]any{"to": strings.Join(to, "，")})
}

// written is d in figures, without leading zeros; nothing for the zero date.
func written(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return message.Text("document.date", map[string]any{"year": d.Year, "month": int(d.Month), "day": d.Day})
}

func issued(d calendar.Date) string {
	return message.Text("document.issued", map[string]any{"date": written(d)})
}

func pageNumber(n string) string { return "— " + n + " —" }

func optionsTitle() string { return message.Text("document.options", nil) }
