package api

import (
	"encoding/json"
	"strings"

	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// NewMailText gives the subject and the text of a notification sent by mail, with the address of what it is about.
func NewMailText(rules *rulebook.Shelf, base string) func(store.Mail) (subject, text string) {
	w := newWords(rules)
	return func(m store.Mail) (string, string) {
		told := w.told(m.Notification)
		at := strings.TrimSuffix(base, "/")
		switch m.Kind {
		case store.TellIncident:
			at += "/operations"
		case store.TellProposed:
			at += "/admin/organisations"
		case store.TellDeparted, store.TellDisabled:
			at += "/admin/people"
		}
		if m.Matter != "" {
			at += "/matters/" + m.Matter
		}
		return message.Text("view.mail-subject", map[string]any{"told": told}),
			message.Text("view.mail-text", map[string]any{"name": m.Name, "told": told, "address": at})
	}
}

// told is a notification's text. Of a refusal it says the refusal's own.
func (w *words) told(n store.Notification) string {
	args := w.args(n.Args)
	if code, ok := n.Args["code"].(string); ok {
		args["reason"] = message.Text("errors."+code, args)
		if of, ok := n.Args["of"].(string); ok {
			args["reason"] = w.unopenedBy(of, code, n.Args)
		}
	}
	return message.Text("notifications."+n.Kind, args)
}

// unopened says why the rules refused a matter of the procedure ("rulebook/procedure") that another asked for, and what to
// do: nobody filled in a form, so that what is said to whoever does would mislead.
func (w *words) unopened(of, code string, refusal map[string]any) string {
	said := w.args(refusal)
	said["of"] = w.procedureOf(of)
	var form json.RawMessage
	book, key, _ := strings.Cut(of, "/")
	if p, ok := w.library().Procedure(book, key); ok {
		form = p.Form
	}
	var faults []string
	for _, f := range refusalFields(&procedure.Refusal{Args: refusal}) {
		faults = append(faults, fieldTitle(form, f.Field)+message.Text("events.colon", nil)+strings.TrimSuffix(f.Message, message.Text("events.stop", nil)))
	}
	said["faults"] = strings.Join(faults, message.Text("events.semicolon", nil))
	if key := "events.unopened." + code; message.Has(key) {
		return message.Text(key, said)
	}
	return message.Text("errors."+code, said)
}

// unopenedBy says so with the article the refusal rests on.
func (w *words) unopenedBy(of, code string, refusal map[string]any) string {
	said := w.unopened(of, code, refusal)
	source, _ := refusal["source"].(string)
	if basis := w.article("", source); basis != "" {
		said += message.Text("events.basis", map[string]any{"basis": basis})
	}
	return said
}
