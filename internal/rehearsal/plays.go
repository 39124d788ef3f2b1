package rehearsal

import (
	_ "embed"
	"fmt"
	"maps"

	"github.com/goccy/go-yaml"

	"duban/internal/procedure"
	"duban/internal/rulebook"
)

//go:embed plays.yaml
var playsFile []byte

//go:embed cycle.yaml
var cycleFile []byte

// Cycle is the script of a half-year of the promotion and of its evaluation, and of the roll-out of a second half-year, in
// which some answer otherwise.
type Cycle struct {
	Begin   Play              `yaml:"begin"`
	Answers map[string]Answer `yaml:"answers"`
	Second  struct {
		Begin   Play              `yaml:"begin"`
		Answers map[string]Answer `yaml:"answers"`
	} `yaml:"second"`
}

// PromotionCycle is the promotion as the demonstration's people play it.
func PromotionCycle() (Cycle, error) {
	var c Cycle
	if err := yaml.UnmarshalWithOptions(cycleFile, &c, yaml.Strict()); err != nil {
		return c, fmt.Errorf("rehearsal: cycle.yaml: %w", err)
	}
	otherwise := maps.Clone(c.Answers)
	maps.Copy(otherwise, c.Second.Answers)
	c.Second.Answers = otherwise
	return c, nil
}

// Logins are the demonstration's, by post.
func Logins(library *rulebook.Library) map[procedure.Post]string {
	logins := map[procedure.Post]string{}
	for _, o := range library.Organisations() {
		for _, p := range o.Posts {
			if p.Login != "" {
				logins[p.Name()] = p.Login
			}
		}
	}
	return logins
}

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
		if entry, ok := value.(map[string]any); ok {
			if file, ok := asFile(entry); ok {
				form[field] = file
			}
		}
	}
	return form
}

func asFile(entry map[string]any) (File, bool) {
	name, isFile := entry["file"].(string)
	text, hasText := entry["text"].(string)
	return File{Name: name, Text: text}, isFile && hasText
}
