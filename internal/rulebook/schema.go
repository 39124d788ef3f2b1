package rulebook

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	words "duban/internal/message"
)

// Schema is the published JSON Schema of the rulebook language; OrganisationSchema that of organisation files.
//
//go:embed rulebook.schema.json
var Schema []byte

// OrganisationSchema is the published JSON Schema of organisation files.
//
//go:embed organisation.schema.json
var OrganisationSchema []byte

var (
	rulebookSchema     = sync.OnceValue(func() *jsonschema.Schema { return mustCompile(Schema) })
	organisationSchema = sync.OnceValue(func() *jsonschema.Schema { return mustCompile(OrganisationSchema) })
)

func mustCompile(data []byte) *jsonschema.Schema {
	schema, err := compileSchema(data)
	if err != nil {
		panic(err) // embedded at build time and read by every test
	}
	return schema
}

// compileSchema reads a JSON Schema that refers to nothing outside itself.
func compileSchema(data []byte) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(nothing{})
	c.AssertFormat()
	if err := c.AddResource("urn:duban:schema", doc); err != nil {
		return nil, err
	}
	return c.Compile("urn:duban:schema")
}

// nothing refuses whatever a schema refers to outside itself: rulebooks read no files and no network.
type nothing struct{}

func (nothing) Load(url string) (any, error) { return nil, fmt.Errorf("%s: not embedded", url) }

// conforms reports what of the tree the schema refuses, each at its place.
func (b *builder) conforms(schema *jsonschema.Schema, tree *node) bool {
	if !tree.mapping {
		b.add(tree.at, "wrong-type", args{"key": tree.text(), "want": words.Text("rulebook.type.object", nil)})
		return false
	}
	err := schema.Validate(tree.plain())
	if err == nil {
		return true
	}
	for _, leaf := range leaves(err) {
		if k, ok := leaf.ErrorKind.(*kind.AdditionalProperties); ok {
			at, known := tree.find(leaf.InstanceLocation), knownKeys(schema, leaf)
			for _, key := range k.Properties {
				b.add(at.keyAt(key), "unknown-key", args{"key": key, "known": known})
			}
			continue
		}
		b.add(refused(tree, leaf))
	}
	return false
}

// refused says where in a tree a schema's refusal is, which problem it is, and what its text needs.
func refused(tree *node, leaf *jsonschema.ValidationError) (where place, code string, a args) {
	at, a := tree.find(leaf.InstanceLocation), args{"key": last(leaf.InstanceLocation), "value": ""}
	where = at.at
	if n := len(leaf.InstanceLocation); n > 0 {
		where = tree.find(leaf.InstanceLocation[:n-1]).keyAt(a["key"].(string))
		if at.line() > 0 && !at.mapping && !at.list {
			where = at.at
		}
		a["value"] = at.text()
	}
	switch k := leaf.ErrorKind.(type) {
	case *kind.Required:
		a["key"] = join(k.Missing)
		return where, "missing-key", a
	case *kind.Type:
		want := make([]string, len(k.Want))
		for i, name := range k.Want {
			want[i] = words.Text("rulebook.type."+name, nil)
		}
		a["want"] = strings.Join(want, words.Text("rulebook.or", nil))
		return where, "wrong-type", a
	case *kind.Enum:
		a["value"], a["known"] = fmt.Sprint(k.Got), join(sprints(k.Want))
		return where, "unknown-value", a
	}
	a["detail"] = detail(leaf)
	return where, "wrong-form", a
}

func (n *node) line() int {
	if n == nil {
		return 0
	}
	return n.at.line
}

// leaves are the innermost causes of a validation error.
func leaves(err error) []*jsonschema.ValidationError {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return nil
	}
	if len(v.Causes) == 0 {
		return []*jsonschema.ValidationError{v}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range v.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

// knownKeys are the keys the schema knows where the leaf refused some.
func knownKeys(schema *jsonschema.Schema, leaf *jsonschema.ValidationError) string {
	at := subschema(schema, leaf.InstanceLocation)
	if at == nil {
		return ""
	}
	return join(sortedKeys(at.Properties))
}

// subschema walks the schema along a path of an instance.
func subschema(s *jsonschema.Schema, path []string) *jsonschema.Schema {
	for s != nil && s.Ref != nil {
		s = s.Ref
	}
	if s == nil || len(path) == 0 {
		return s
	}
	if next, ok := s.Properties[path[0]]; ok {
		return subschema(next, path[1:])
	}
	if next, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
		return subschema(next, path[1:])
	}
	if next, ok := s.Items.(*jsonschema.Schema); ok {
		return subschema(next, path[1:])
	}
	if s.Items2020 != nil {
		return subschema(s.Items2020, path[1:])
	}
	return nil
}

// detail says in Chinese what of a value's form is wrong.
func detail(leaf *jsonschema.ValidationError) string {
	key := "form"
	switch k := leaf.ErrorKind.(type) {
	case *kind.Format:
		if k.Want == "regex" {
			return words.Text("rulebook.detail.pattern", nil)
		}
	case *kind.Minimum, *kind.Maximum:
		key = "range"
	case *kind.MinItems, *kind.MinLength, *kind.MinProperties:
		key = "empty"
	case *kind.PropertyNames:
		key = "name"
	}
	return words.Text("rulebook.detail."+key, nil)
}

func sprints(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out
}

func last(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}
