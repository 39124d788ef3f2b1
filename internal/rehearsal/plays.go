package rehearsal

import (
	_ "embed"
	"fmt"

	"github.com/goccy/go-yaml"
)

//go:embed plays.yaml
var playsFile []byte

// Plays are the scripts of the demonstration.
func Plays() ([]Play, error) {
	var plays []Play
	if err := yaml.UnmarshalWithOptions(playsFile, &plays, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("rehearsal: plays.yaml: %w", err)
	}
	for i := range plays {
		plays[i].Form = files(plays[i].Form)
		for j := range plays[i].Steps {
			plays[i].Steps[j].Fields = files(plays[i].Steps[j].Fields)
		}
	}
	return plays, nil
}

// files replaces {file, text} by the attachment it stands for.
func files(form map[string]any) map[string]any {
	for field, value := range form {
		entry, ok := value.(map[string]any)
		if !ok {
			continue
		}
		name, isFile := entry["file"].(string)
		text, hasText := entry["text"].(string)
		if isFile && hasText {
			form[field] = File{Name: name, Text: text}
		}
	}
	return form
}
