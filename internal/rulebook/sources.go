package rulebook

import (
	"io/fs"
	"maps"
	"strings"

	"duban/internal/message"
)

// The names of files say what they hold.
const (
	rulebookFile     = ".yaml"
	organisationFile = ".org.yaml"
)

// Sources are the files a library is made of, by name: rulebooks (zibo-city.yaml) and organisations (zibo.org.yaml).
type Sources map[string]string

// ReadSources reads a folder's files.
func ReadSources(fsys fs.FS) (Sources, error) {
	names, err := fs.Glob(fsys, "*"+rulebookFile)
	if err != nil {
		return nil, err
	}
	sources := Sources{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		sources[name] = string(data)
	}
	return sources, nil
}

// Load makes the library. The error is [Problems].
func (s Sources) Load() (*Library, error) {
	library, found := s.compile()
	if len(found) > 0 {
		return nil, Problems(found)
	}
	return library, nil
}

// Rulebooks are the texts of the rulebooks, by key: a rulebook's file is called by its key.
func (s Sources) Rulebooks() map[string]string {
	texts := map[string]string{}
	for name, text := range s {
		if !strings.HasSuffix(name, organisationFile) {
			texts[strings.TrimSuffix(name, rulebookFile)] = text
		}
	}
	return texts
}

// With is the same files, but for the texts of some rulebooks.
func (s Sources) With(texts map[string]string) Sources {
	other := maps.Clone(s)
	for key, text := range texts {
		other[FileOf(key)] = text
	}
	return other
}

// FileOf is the name of a rulebook's file.
func FileOf(key string) string { return key + rulebookFile }

// Sources are the files the library was made of.
func (l *Library) Sources() Sources { return l.sources }

// Try is the library as it would be with another text of one rulebook. Whatever derives from it is read anew, so that the
// error, [Problems], may speak of their files too.
func (l *Library) Try(key, text string) (*Library, error) {
	tried, found := l.sources.With(map[string]string{key: text}).compile()
	if book, ok := tried.rulebooks[key]; len(found) == 0 && (!ok || book.Text != text) {
		found = []Problem{{File: FileOf(key), Line: 1, Column: 1, Code: "other-rulebook",
			Message: message.Text("rulebook.try.other", args{"rulebook": key}), Remedy: message.Text("rulebook.try.mend", args{"rulebook": key})}}
	}
	if len(found) > 0 {
		return nil, Problems(found)
	}
	return tried, nil
}

// Heirs are the rulebooks that derive from one, near or far, by key.
func (l *Library) Heirs(key string) []string {
	var heirs []string
	for _, book := range l.Rulebooks() {
		for up := book.Extends; up != ""; up = l.rulebooks[up].Extends {
			if up == key {
				heirs = append(heirs, book.Key)
				break
			}
		}
	}
	return heirs
}

// Just is the organisations with these texts alone.
func (s Sources) Just(texts map[string]string) Sources {
	few := Sources{}
	for name, text := range s {
		if strings.HasSuffix(name, organisationFile) {
			few[name] = text
		}
	}
	return few.With(texts)
}
