package public

import (
	"html/template"
	"regexp"
	"time"

	"duban/internal/calendar"
	"duban/internal/message"
)

var fixedText = regexp.MustCompile(`{{t "([0-9a-z-]+)"}}`)

// fixedTexts puts texts without arguments into the pages' source, so that they are looked up once and not for every page.
func fixedTexts(source []byte, word func(key string, pairs ...any) string) string {
	return fixedText.ReplaceAllStringFunc(string(source), func(found string) string {
		return template.HTMLEscapeString(word(fixedText.FindStringSubmatch(found)[1]))
	})
}

// word is a text of the pages: the one for single sign-on where there is one and it tells who votes.
func (s *Site) word(key string, pairs ...any) string {
	if own := key + "-sign-on"; s.SignOn != nil && message.Has("public."+own) {
		key = own
	}
	return text(key, pairs...)
}

// text is a text of the catalogue; arguments are pairs of name and value.
func text(key string, pairs ...any) string {
	args := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		args[name] = pairs[i+1]
	}
	return message.Text("public."+key, args)
}

func civil(at time.Time) string { return at.In(calendar.Shanghai).Format("2006年1月2日15:04") }
