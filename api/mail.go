package api

import (
	"strings"

	"duban/internal/message"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// NewMailText gives the subject and the text of a notification sent by mail, with the address of what it is about.
func NewMailText(rules *rulebook.Shelf, base string) func(store.Mail) (subject, text string) {
	w := newWords(rules)
	return func(m store.Mail) (string, string) {
		told := w.told(m.Notification)
		at := strings.TrimSuffix(base, "/")
		if m.Kind == store.TellIncident {
			at += "/operations"
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
	}
	return message.Text("notifications."+n.Kind, args)
}
