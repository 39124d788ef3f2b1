package rulebook

import (
	"errors"
	"strings"

	"cel.dev/cel-go/cel"
	"github.com/goccy/go-yaml/token"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"duban/internal/expression"
	words "duban/internal/message"
)

// What the libraries that read YAML, JSON Schema and CEL refuse is told in Chinese here: by the kinds of their errors and
// by what stands at the place, never by their words.

// expressionDetail says what is wrong with a condition or a formula. A formula of shares may be refused for more than CEL
// knows of: other is the text of that.
func expressionDetail(err error, other string) string {
	var f *expression.Fault
	if !errors.As(err, &f) {
		return words.Text("rulebook.expression."+other, nil)
	}
	a := args{"name": f.Name, "is": typeName(f.Is), "want": typeName(f.Want)}
	what := words.Text("rulebook.expression."+string(f.Kind), a)
	if f.Kind == expression.WrongResult {
		return what
	}
	return words.Text("rulebook.expression.at", args{"line": f.Line, "column": f.Column, "what": what})
}

func typeName(t *cel.Type) string {
	switch t {
	case nil:
		return ""
	case cel.BoolType:
		return words.Text("rulebook.type.truth", nil)
	case cel.IntType, cel.UintType:
		return words.Text("rulebook.type.integer", nil)
	case cel.DoubleType:
		return words.Text("rulebook.type.number", nil)
	case cel.StringType:
		return words.Text("rulebook.type.string", nil)
	}
	switch t.Kind() {
	case cel.ListKind:
		return words.Text("rulebook.type.array", nil)
	case cel.MapKind:
		return words.Text("rulebook.type.object", nil)
	}
	return words.Text("rulebook.type.other", nil)
}

// yamlDetail says what of a YAML file cannot be read, by what stands where the reader stopped.
func yamlDetail(t *token.Token) string {
	kind := "other"
	if t != nil {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			kind = "open"
		case token.SequenceEndType, token.MappingEndType:
			kind = "close"
		case token.MappingValueType, token.MappingKeyType:
			kind = "colon"
		case token.SequenceEntryType:
			kind = "dash"
		case token.AnchorType, token.AliasType, token.TagType, token.DirectiveType, token.MergeKeyType:
			kind = "feature"
		case token.SingleQuoteType, token.DoubleQuoteType:
			kind = "quote"
		case token.InvalidType:
			kind = invalid(strings.TrimLeft(t.Origin, " \n\r"))
		}
	}
	return words.Text("rulebook.yaml."+kind, nil)
}

// invalid tells what made a piece of text unreadable by how it begins.
func invalid(text string) string {
	switch {
	case strings.HasPrefix(text, "\t"):
		return "tab"
	case strings.HasPrefix(text, "'"), strings.HasPrefix(text, `"`):
		return "quote"
	case strings.HasPrefix(text, "@"), strings.HasPrefix(text, "`"):
		return "feature"
	}
	return "other"
}

// badForm reports each place where a form is no JSON Schema.
func (w *work) badForm(form *node, err error) {
	at := w.node.keyAt("form")
	var (
		invalid *jsonschema.SchemaValidationError
		outside *jsonschema.LoadURLError
		pointer *jsonschema.JSONPointerNotFoundError
		anchor  *jsonschema.AnchorNotFoundError
	)
	switch {
	case errors.As(err, &invalid):
		var places []place
		details := map[place][]string{}
		for _, leaf := range leaves(invalid.Err) {
			where, code, a := refused(form, leaf)
			if where.line == 0 {
				where = at
			}
			if details[where] == nil {
				places = append(places, where)
			}
			details[where] = append(details[where], strings.TrimSuffix(words.Text("rulebook."+code, a), words.Text("rulebook.stop", nil)))
		}
		for _, where := range places { // of several ways to be right, each is wrong in its own way
			w.add(where, "bad-form", args{"detail": strings.Join(details[where], words.Text("rulebook.comma", nil))})
		}
	case errors.As(err, &outside), errors.As(err, &pointer), errors.As(err, &anchor):
		w.add(at, "bad-form", args{"detail": words.Text("rulebook.detail.reference", nil)})
	default:
		w.add(at, "bad-form", args{"detail": words.Text("rulebook.detail.form", nil)})
	}
}
