package rulebook

import (
	"fmt"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
)

// lines is a term in Chinese: when it ends, which days do not count and why, and what happens when.
func (t Term) lines() []string {
	say := func(key string, a args) string { return message.Text("rulebook.explain."+key, a) }
	if !t.Dated {
		return []string{say("no-date", args{"title": t.Title, "term": t.Term, "source": t.Source})}
	}
	lines := []string{say("limit", args{"title": t.Title, "term": t.Term, "source": t.Source,
		"from": dateText(calendar.DateOf(t.Due.From)), "due": dateText(calendar.DateOf(t.Due.At)) + clockText(t.Due.At)})}
	lines = append(lines, dayLines(t.Days)...)
	if t.Due.Provisional {
		lines = append(lines, say("provisional", nil))
	}
	for _, r := range t.Alarms {
		lines = append(lines, say("alarm", args{"at": dateText(calendar.DateOf(r.At)) + clockText(r.At), "when": r.Text, "to": r.To, "source": r.Source}))
	}
	return lines
}

// rulesOf says by what rules a stage counts votes or marks, or draws.
func rulesOf(stage *procedure.Stage, title func(string) string) []string {
	say := func(key string, a args) string { return message.Text("rulebook.explain."+key, a) }
	switch {
	case stage.Poll != nil:
		p := stage.Poll
		var ties []string
		for _, rule := range p.Ties {
			ties = append(ties, message.Text("rulebook.poll."+string(rule), nil))
		}
		lines := []string{say("poll", args{"options": title(p.Options), "least": p.Choices.Min, "most": p.Choices.Max, "winners": p.Winners, "enough": p.Enough,
			"formula": p.Formula, "cap": p.PublicCap, "ties": join(ties)})}
		if p.Opens != nil {
			lines = append(lines, say("poll-opens", args{"opens": momentText(p.Opens, title)}))
		}
		if p.Roll != "" {
			lines = append(lines, say("poll-public", args{"roll": title(p.Roll)}))
		}
		if p.Review != nil {
			lines = append(lines, say("poll-review", args{"term": p.Review.Within.Chinese(), "source": cite(p.Review.Authority)}))
		}
		if p.Objections != nil {
			lines = append(lines, say("poll-objections", args{"term": p.Objections.Within.Chinese(), "source": cite(p.Objections.Authority)}))
		}
		return append(lines, say("poll-secret", nil))
	case stage.Score != nil:
		s := stage.Score
		what, names, _ := strings.Cut(s.Each, ":")
		if what == "field" {
			names = title(names)
		}
		var indicators []string
		for _, i := range s.Indicators {
			indicators = append(indicators, fmt.Sprintf("%s（%g—%g）", i.Title, i.Min, i.Max))
		}
		if s.Measures != "" {
			indicators = []string{title(s.Measures)}
		}
		formula := s.Formula
		if formula == "" {
			formula = message.Text("rulebook.score.mean", nil)
		}
		lines := []string{say("score", args{"each": names, "indicators": join(indicators), "formula": formula})}
		return append(lines, closingText(stage, s.Closes)...)
	case stage.Draw != nil && stage.Draw.From == "":
		return []string{say("draw-commit", args{"seed": stage.Draw.Seed})}
	case stage.Draw != nil:
		lines := []string{say("draw", args{"seed": stage.Draw.Seed, "take": stage.Draw.Take})}
		if stage.Draw.Named > 0 {
			lines = append(lines, say("draw-named", args{"named": stage.Draw.Named}))
		}
		return lines
	}
	return nil
}

// closingText says that a stage closes when one of its limits is due.
func closingText(stage *procedure.Stage, closes string) []string {
	for _, l := range stage.Limits {
		if l.Key == closes {
			title := l.Title
			if title == "" {
				title = stage.Title
			}
			return []string{message.Text("rulebook.explain.closes", args{"limit": title})}
		}
	}
	return nil
}

func momentText(w *procedure.Wait, title func(string) string) string {
	l := procedure.Limit{Within: w.For, On: w.On, Field: w.Field}
	if w.Field != "" {
		l.Field = title(w.Field)
	}
	return TermText(l)
}

// dayLines says how many days counted, and for every one that did not, why.
func dayLines(days []calendar.Day) []string {
	if len(days) == 0 {
		return nil
	}
	counted := 0
	var skipped, worked []calendar.Day
	for _, d := range days {
		switch {
		case d.Counted:
			counted++
			if strings.HasPrefix(d.Why, calendar.WhyMakeUp) {
				worked = append(worked, d)
			}
		case d.Why != calendar.WhyStart:
			skipped = append(skipped, d)
		}
	}
	lines := []string{message.Text("rulebook.explain.counted", args{"count": counted, "last": dateText(days[len(days)-1].Date)})}
	if len(skipped) > 0 {
		lines = append(lines, message.Text("rulebook.explain.skipped", args{"days": runs(skipped)}))
	}
	if len(worked) > 0 {
		lines = append(lines, message.Text("rulebook.explain.make-up", args{"days": runs(worked)}))
	}
	return lines
}

// runs lists days, those next to each other with the same reason together.
func runs(days []calendar.Day) string {
	var texts []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1].Why == days[i].Why && days[j+1].Date == days[j].Date.AddDays(1) {
			j++
		}
		a := args{"first": shortDate(days[i].Date), "last": shortDate(days[j].Date), "why": WhyText(days[i].Why)}
		key := "rulebook.explain.run"
		if i == j {
			key = "rulebook.explain.day"
		}
		texts = append(texts, message.Text(key, a))
		i = j + 1
	}
	return join(texts)
}

// WhyText says in Chinese why a day counts or not.
func WhyText(why string) string {
	kind, name, _ := strings.Cut(why, ":")
	return message.Text("rulebook.why."+kind, args{"name": name})
}

func dateText(d calendar.Date) string {
	weekday := message.Text(fmt.Sprintf("rulebook.weekday.%d", int(d.Weekday())), nil)
	return message.Text("rulebook.date", args{"year": d.Year, "month": int(d.Month), "day": d.Day, "weekday": weekday})
}

func shortDate(d calendar.Date) string {
	return message.Text("rulebook.short-date", args{"month": int(d.Month), "day": d.Day})
}

func clockText(at time.Time) string { return at.In(calendar.Shanghai).Format("15:04") }
