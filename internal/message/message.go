// Package message is the one catalogue of what a user sees: every text by its key, in Chinese.
//
// Keys are "area.name": the area is the catalogue's file, so errors.closed is "closed" in zh-CN/errors.json.
// The web application imports the same files.
package message

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
)

//go:embed zh-CN/*.json
var files embed.FS

var catalogue = sync.OnceValue(func() map[string]string {
	texts, err := load(files)
	if err != nil {
		panic(err) // embedded at build time and read by every test
	}
	return texts
})

func load(fsys fs.FS) (map[string]string, error) {
	names, err := fs.Glob(fsys, "zh-CN/*.json")
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var area map[string]string
		if err := json.Unmarshal(data, &area); err != nil {
			return nil, fmt.Errorf("message: %s: %w", name, err)
		}
		prefix := strings.TrimSuffix(path.Base(name), ".json")
		for key, text := range area {
			texts[prefix+"."+key] = text
		}
	}
	return texts, nil
}

// Text gives the text of a key with its {placeholders} filled from args. A key the catalogue lacks is given back as it
// is, so that nothing is shown as empty. Who makes up a key from a name has a test that every name has its text, or asks
// [Has] first.
func Text(key string, args map[string]any) string {
	text, ok := catalogue()[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	names := make([]string, 0, len(args))
	for name := range args {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		pairs = append(pairs, "{"+name+"}", fmt.Sprint(args[name]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Has reports whether the catalogue has the key.
func Has(key string) bool {
	_, ok := catalogue()[key]
	return ok
}
