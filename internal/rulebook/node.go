package rulebook

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is a value of a YAML file that remembers where it stands, and the order of its keys.
// A nil node is an absent value; every method accepts it.
type node struct {
	at      place
	scalar  any // string, bool, int64, float64, nil; meaningful where neither of the below is set
	entries []entry
	items   []*node
	mapping bool
	list    bool
}

type entry struct {
	key string
	at  place
	val *node
}

// place is a position in a file, both counted from 1.
type place struct {
	file         string
	line, column int
}

// parse reads one YAML document. What the language leaves out (anchors, aliases, merge keys, tags) and keys given twice
// are reported to fault; the tree is whatever could be read.
func parse(file string, data []byte, fault func(place, string, args)) *node {
	doc, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at := place{file, 1, 1}
		var located yaml.Error
		var stopped *token.Token
		if errors.As(err, &located) {
			if stopped = located.GetToken(); stopped != nil {
				at = place{file, stopped.Position.Line, stopped.Position.Column}
			}
		}
		fault(at, "yaml-syntax", args{"detail": yamlDetail(stopped)})
		return nil
	}
	if len(doc.Docs) != 1 || doc.Docs[0].Body == nil {
		fault(place{file, 1, 1}, "yaml-documents", nil)
		return nil
	}
	r := reader{file, fault}
	return r.read(doc.Docs[0].Body)
}

type reader struct {
	file  string
	fault func(place, string, args)
}

func (r reader) place(t *token.Token) place {
	return place{r.file, t.Position.Line, t.Position.Column}
}

func (r reader) read(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.MappingNode:
		m := &node{at: r.place(n.GetToken()), mapping: true}
		for i, pair := range n.Values {
			at := r.place(pair.Key.GetToken())
			if i == 0 {
				m.at = at
			}
			if pair.Key.IsMergeKey() {
				r.fault(at, "yaml-feature", args{"feature": "<<"})
				continue
			}
			key := pair.Key.GetToken().Value
			if m.get(key) != nil {
				r.fault(at, "duplicate-key", args{"key": key})
				continue
			}
			val := r.read(pair.Value)
			if val == nil {
				val = &node{at: at}
			}
			m.entries = append(m.entries, entry{key, at, val})
		}
		return m
	case *ast.MappingValueNode: // one pair standing alone
		return r.read(&ast.MappingNode{BaseNode: n.BaseNode, Start: n.Start, Values: []*ast.MappingValueNode{n}})
	case *ast.SequenceNode:
		l := &node{at: r.place(n.GetToken()), list: true}
		for _, v := range n.Values {
			if item := r.read(v); item != nil {
				l.items = append(l.items, item)
			}
		}
		return l
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		at := r.place(n.GetToken())
		r.fault(at, "yaml-feature", args{"feature": n.GetToken().Value})
		return &node{at: at}
	case *ast.LiteralNode:
		return &node{at: r.place(n.GetToken()), scalar: n.Value.Value}
	case ast.ScalarNode:
		return &node{at: r.place(n.GetToken()), scalar: plainScalar(n.GetValue())}
	}
	return nil
}

func plainScalar(v any) any {
	switch v := v.(type) {
	case uint64:
		return int64(v)
	case int:
		return int64(v)
	}
	return v
}

// get is the value under the key, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, e := range n.entries {
		if e.key == key {
			return e.val
		}
	}
	return nil
}

// at is where the key itself stands, or where n does if it has no such key.
func (n *node) keyAt(key string) place {
	if n == nil {
		return place{}
	}
	for _, e := range n.entries {
		if e.key == key {
			return e.at
		}
	}
	return n.at
}

// null reports a key written with an empty value or ~: in a derived rulebook, the wish to drop it.
func (n *node) null() bool { return n != nil && !n.mapping && !n.list && n.scalar == nil }

// text is a scalar as it would be written; empty for anything else.
func (n *node) text() string {
	if n == nil {
		return ""
	}
	switch v := n.scalar.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// texts is a list of scalars; one scalar stands for a list of one.
func (n *node) texts() []string {
	var out []string
	for _, item := range n.each() {
		out = append(out, item.text())
	}
	return out
}

// each is a list's items; a single value stands for a list of one.
func (n *node) each() []*node {
	switch {
	case n == nil || n.null():
		return nil
	case n.list:
		return n.items
	}
	return []*node{n}
}

func (n *node) truth() bool {
	b, _ := n.scalarOrNil().(bool)
	return b
}

func (n *node) number() int {
	i, _ := n.scalarOrNil().(int64)
	return int(i)
}

// float is a number, whole or not.
func (n *node) float() float64 {
	switch v := n.scalarOrNil().(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

func (n *node) scalarOrNil() any {
	if n == nil {
		return nil
	}
	return n.scalar
}

// plain is the value as a JSON Schema validator wants it.
func (n *node) plain() any {
	switch {
	case n == nil:
		return nil
	case n.mapping:
		m := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			m[e.key] = e.val.plain()
		}
		return m
	case n.list:
		l := make([]any, 0, len(n.items))
		for _, item := range n.items {
			l = append(l, item.plain())
		}
		return l
	}
	if i, ok := n.scalar.(int64); ok {
		return json.Number(strconv.FormatInt(i, 10))
	}
	return n.scalar
}

// json is the value as JSON with its keys in the order they were written, so that a form keeps the order of its fields.
func (n *node) json() json.RawMessage {
	var b strings.Builder
	n.write(&b)
	return json.RawMessage(b.String())
}

func (n *node) write(b *strings.Builder) {
	switch {
	case n == nil:
		b.WriteString("null")
	case n.mapping:
		b.WriteByte('{')
		for i, e := range n.entries {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(quote(e.key))
			b.WriteByte(':')
			e.val.write(b)
		}
		b.WriteByte('}')
	case n.list:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.write(b)
		}
		b.WriteByte(']')
	default:
		b.Write(quote(n.scalar))
	}
}

func quote(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil { // an infinite number; JSON has none
		return []byte("null")
	}
	return data
}

// find walks to the value at a path of keys and indexes, as far as it leads.
func (n *node) find(path []string) *node {
	for _, step := range path {
		next := n.get(step)
		if i, err := strconv.Atoi(step); err == nil && n != nil && n.list && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}
