package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// words are the names by which a reader knows units, posts, stages, articles and instants.
type words struct{ rules *rulebook.Shelf }

func newWords(rules *rulebook.Shelf) *words { return &words{rules: rules} }

// library is what is in force now.
func (w *words) library() *rulebook.Library { return w.rules.Library() }

func say(key string, args map[string]any) string { return message.Text("view."+key, args) }

// unit is the unit's name as it is now; the id where it is no longer known.
func (w *words) unit(id string) string {
	if unit, ok := w.library().Unit(id); ok {
		return unit.Name
	}
	return id
}

// post is the post as one says it; its title names the unit already.
func (w *words) post(p procedure.Post) string {
	if title, ok := w.library().Post(p); ok {
		return title
	}
	if p == procedure.Administrator {
		return message.Text("standing.administrator", nil)
	}
	return w.unit(p.Unit()) + p.Role()
}

// titled gives a refusal's form fields by the titles the procedure's form gives them.
func titled(p *procedure.Procedure, args map[string]any) map[string]any {
	said := maps.Clone(args)
	if field, ok := args["field"].(string); ok {
		said["field"] = fieldTitle(p.Form, field)
	}
	data, err := json.Marshal(args["fields"])
	var fields []string
	if err == nil && json.Unmarshal(data, &fields) == nil && fields != nil {
		for i, field := range fields {
			fields[i] = fieldTitle(p.Form, field)
		}
		said["fields"] = fields
	}
	return said
}

// knows reports whether some organisation has the post, in a unit that has not ended.
func (w *words) knows(p procedure.Post) bool {
	unit, _ := w.library().Unit(p.Unit())
	_, ok := w.library().Post(p)
	return ok && !unit.Ended
}

func (w *words) postList(posts []procedure.Post) string {
	if len(posts) == 0 {
		return message.Text("events.nobody", nil)
	}
	names := make([]string, len(posts))
	for i, post := range posts {
		names[i] = w.post(post)
	}
	return strings.Join(names, message.Text("events.and", nil))
}

// namesMost is how many posts a sentence names before it counts the rest.
const namesMost = 4

// postsBriefly names posts as postList does, and only the first of many; then all says each.
func (w *words) postsBriefly(posts []procedure.Post) (said string, all []string) {
	if len(posts) <= namesMost {
		return w.postList(posts), nil
	}
	for _, post := range posts {
		all = append(all, w.post(post))
	}
	return say("posts", map[string]any{"first": w.postList(posts[:namesMost-1]), "count": len(posts)}), all
}

// roleList names roles of a procedure: parties by their titles, for no matter says yet who they are.
func (w *words) roleList(p *procedure.Procedure, roles []procedure.Role) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = w.role(p, string(role))
	}
	return strings.Join(names, message.Text("events.and", nil))
}

func (w *words) role(p *procedure.Procedure, role string) string {
	if message.Has("view.role." + role) {
		return say("role."+role, nil)
	}
	key, name, _ := strings.Cut(role, "/")
	party := p.Parties[key]
	title := cmp.Or(party.Title, key)
	if party.Unit != "" {
		title = w.unit(party.Unit)
	}
	if name == "" {
		name = party.Role
	}
	if post, ok := w.library().Post(procedure.Post(party.Unit + "/" + name)); ok {
		return post
	}
	if message.Has("rulebook.role." + name) {
		name = message.Text("rulebook.role."+name, nil)
	}
	return title + name
}

// rulebookTitle and procedureTitle name what lists know by key only.
func (w *words) rulebookTitle(key string) string {
	if book, ok := w.library().Rulebook(key); ok {
		return book.Title
	}
	return key
}

func (w *words) procedureTitle(rulebook, key string) string {
	if p, ok := w.library().Procedure(rulebook, key); ok {
		return p.Title
	}
	return key
}

// procedureOf names a procedure written "rulebook/procedure", by its title.
func (w *words) procedureOf(key string) string {
	book, procedure, _ := strings.Cut(key, "/")
	return w.procedureTitle(book, procedure)
}

// batch reports whether a stage is marked as safe to approve with others at once.
func (w *words) batch(rulebook, key, stage string) bool {
	p, ok := w.library().Procedure(rulebook, key)
	if !ok {
		return false
	}
	def, ok := p.Stage(stage)
	return ok && def.Batch
}

func (w *words) stageTitle(rulebook, key, stage string) string {
	if stage == procedure.Closed {
		return say("stage.closed", nil)
	}
	if p, ok := w.library().Procedure(rulebook, key); ok {
		return stageTitle(p, stage)
	}
	return stage
}

func stageTitle(p *procedure.Procedure, stage string) string {
	switch def, ok := p.Stage(stage); {
	case ok:
		return cmp.Or(def.Title, stage)
	case stage == procedure.Closed:
		return say("stage.closed", nil)
	case stage == "":
		return say("stage.not-started", nil)
	}
	return stage
}

// article writes "001 art. 5(3)" for a reader: the regulation by its name, where some rulebook knows it. Several are
// written one after the other.
func (w *words) article(rulebook, source string) string {
	if source == "" {
		return ""
	}
	var all []string
	for _, one := range strings.Split(source, "; ") {
		number, rest, found := strings.Cut(one, " ")
		if document := w.document(rulebook, number); found && document != "" {
			one = say("authority", map[string]any{"document": "《" + document + "》", "article": articleText(rest)})
		}
		all = append(all, one)
	}
	return strings.Join(all, message.Text("events.and", nil))
}

func (w *words) document(rulebook, number string) string {
	if book, ok := w.library().Rulebook(rulebook); ok {
		if document, ok := book.Documents[number]; ok {
			return document
		}
	}
	for _, book := range w.library().Rulebooks() {
		if document, ok := book.Documents[number]; ok {
			return document
		}
	}
	return ""
}

func articleText(rest string) string {
	article := strings.TrimSpace(strings.TrimPrefix(rest, "art."))
	article, paragraph, found := strings.Cut(article, "(")
	if !found {
		return say("authority.article", map[string]any{"article": article})
	}
	return say("authority.paragraph", map[string]any{"article": article, "paragraph": strings.TrimSuffix(paragraph, ")")})
}

func (w *words) authority(rulebook string, a procedure.Authority) Authority {
	return Authority{Source: a.Source, SourceTitle: w.article(rulebook, a.Source), SetBy: a.SetBy}
}

// args gives a refusal's arguments as a reader understands them: posts, stages and fields by name, instants by the wall.
func (w *words) args(args map[string]any) map[string]any {
	said := make(map[string]any, len(args))
	for name, value := range args {
		said[name] = w.arg(name, value)
	}
	return said
}

func (w *words) arg(name string, value any) any {
	switch v := value.(type) {
	case []string:
		return w.argList(name, v)
	case []any: // as they come back through JSON
		var texts []string
		for _, each := range v {
			if text, ok := each.(string); ok {
				texts = append(texts, text)
			}
		}
		return w.argList(name, texts)
	case string:
		return w.argText(name, v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return value
}

func (w *words) argList(name string, list []string) string {
	said := make([]string, len(list))
	for i, each := range list {
		said[i] = w.argText(name, each)
	}
	return strings.Join(said, message.Text("events.and", nil))
}

func (w *words) argText(name, value string) string {
	switch name {
	case "who", "by", "post":
		if post := procedure.Post(value); post.Role() != "" {
			return w.post(post)
		}
	case "action":
		if message.Has("actions." + value) {
			return message.Text("actions."+value, nil)
		}
	case "incident":
		return message.Text("operations.incident."+value, nil)
	case "outcome":
		return say("outcome."+value, nil)
	case "again", "due", "closed":
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return civil(at)
		}
	case "opens", "closes":
		if day, err := time.Parse("01-02", value); err == nil {
			return fmt.Sprintf("%d月%d日", int(day.Month()), day.Day())
		}
	}
	return value
}

// civil writes an instant, day a civil day, as an official document does.
func civil(t time.Time) string { return t.In(calendar.Shanghai).Format("2006年1月2日15:04") }

func civilDay(t time.Time) string { return t.In(calendar.Shanghai).Format("2006年1月2日") }

// fieldTitle is the title the form's schema gives a field.
func fieldTitle(form json.RawMessage, field string) string {
	var schema struct {
		Properties map[string]struct {
			Title string `json:"title"`
		} `json:"properties"`
	}
	if json.Unmarshal(form, &schema) == nil && schema.Properties[field].Title != "" {
		return schema.Properties[field].Title
	}
	return field
}

// daysOfTheYear writes "06-30,12-31" as a reader would.
func daysOfTheYear(on string) string {
	var days []string
	for _, one := range strings.Split(on, ",") {
		month, day, _ := strings.Cut(one, "-")
		days = append(days, say("term.day", map[string]any{"month": strings.TrimLeft(month, "0"), "day": strings.TrimLeft(day, "0")}))
	}
	return strings.Join(days, message.Text("events.and", nil))
}

// term says how long a limit gives.
func term(p *procedure.Procedure, l *procedure.Limit) string {
	switch {
	case l.Within != nil:
		return l.Within.Chinese()
	case l.On != "":
		if strings.Contains(l.On, "-") {
			return say("term.yearly", map[string]any{"days": daysOfTheYear(l.On)})
		}
		return say("term.monthly", map[string]any{"day": strings.TrimLeft(l.On, "0")})
	case l.Field != "":
		return say("term.field", map[string]any{"field": fieldTitle(p.Form, l.Field)})
	}
	return say("term.none", nil)
}

// limitTitle names a limit for a reader.
func limitTitle(p *procedure.Procedure, l procedure.RunningLimit, rule procedure.Limit) string {
	switch {
	case rule.Title != "":
		return rule.Title
	case l.Slip != 0:
		return say("limit.sign", nil)
	case l.Stage != "":
		return say("limit.own", map[string]any{"stage": stageTitle(p, l.Stage)})
	}
	return say("limit.matter", nil)
}

func alarmWhen(a procedure.Alarm) string {
	switch {
	case a.Before != nil:
		return say("alarm.before", map[string]any{"term": a.Before.Chinese()})
	case a.After != nil:
		return say("alarm.after", map[string]any{"term": a.After.Chinese()})
	}
	return say("alarm.at", nil)
}

// day says why a day counts or not.
func day(d calendar.Day) Day {
	why, holiday, _ := strings.Cut(d.Why, ":")
	key := why
	if why == calendar.WhyProvisional {
		key = "provisional-skipped"
		if d.Counted {
			key = "provisional-counted"
		}
	}
	return Day{Date: d.Date.String(), Counted: d.Counted, Why: why, Text: say("day."+key, map[string]any{"holiday": holiday})}
}

// list is the slice, never nil: an empty list is written as one.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
