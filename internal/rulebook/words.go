package rulebook

import (
	"strings"

	"duban/internal/message"
	"duban/internal/procedure"
)

// TermText says a limit's term in Chinese.
func TermText(l procedure.Limit) string {
	var parts []string
	switch {
	case l.Within != nil:
		parts = append(parts, message.Text("rulebook.term.within", args{"term": l.Within.Chinese()}))
	case strings.Contains(l.On, "-"):
		var days []string
		for _, on := range strings.Split(l.On, ",") {
			month, day, _ := strings.Cut(on, "-")
			days = append(days, message.Text("rulebook.term.day", args{"month": strings.TrimLeft(month, "0"), "day": strings.TrimLeft(day, "0")}))
		}
		parts = append(parts, message.Text("rulebook.term.yearly", args{"days": join(days)}))
	case l.On != "":
		parts = append(parts, message.Text("rulebook.term.monthly", args{"day": l.On}))
	case l.Field != "":
		parts = append(parts, message.Text("rulebook.term.field", args{"field": l.Field}))
	}
	if l.From != "" {
		parts = append(parts, message.Text("rulebook.term.from", args{"mark": l.From}))
	}
	if l.Until != "" {
		parts = append(parts, message.Text("rulebook.term.until", args{"mark": l.Until}))
	}
	return strings.Join(parts, message.Text("rulebook.comma", nil))
}

// AlarmText says in Chinese when an alarm rings and what it does.
func AlarmText(a procedure.Alarm) string {
	when := message.Text("rulebook.alarm.due", nil)
	switch {
	case a.Before != nil:
		when = message.Text("rulebook.alarm.before", args{"term": a.Before.Chinese()})
	case a.After != nil:
		when = message.Text("rulebook.alarm.after", args{"term": a.After.Chinese()})
	}
	return when + message.Text("rulebook.alarm."+string(a.Do), nil)
}

func setByText(by string) string {
	if by == "" {
		return ""
	}
	return message.Text("rulebook.set-by."+by, nil)
}

// roleText is a role in Chinese, for posts that are not named by unit.
func roleText(role string) string {
	if key := "rulebook.role." + role; message.Has(key) {
		return message.Text(key, nil)
	}
	return role
}

// join lists words as Chinese does.
func join[S ~string](words []S) string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = string(w)
	}
	return strings.Join(plain, "、")
}
