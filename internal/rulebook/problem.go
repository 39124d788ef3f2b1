package rulebook

import (
	"cmp"
	"fmt"
	"slices"

	"duban/internal/message"
)

// Problem is what is wrong with a rulebook, where, and what to do about it.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Code    string `json:"code"`
	Message string `json:"message"` // Chinese
	Remedy  string `json:"remedy"`  // Chinese
}

func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s %s", p.File, p.Line, p.Column, p.Message, p.Remedy)
}

// Problems is an error that lists them all.
type Problems []Problem

func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0].String()
	}
	return message.Text("rulebook.problems", map[string]any{"first": p[0].String(), "count": len(p)})
}

type args = map[string]any

// problems collects what is wrong, each thing once: what a rulebook inherits is read again for every heir.
type problems struct {
	list []Problem
	seen map[Problem]bool
}

func (p *problems) add(at place, code string, a args) {
	problem := Problem{
		File: at.file, Line: at.line, Column: at.column, Code: code,
		Message: message.Text("rulebook."+code, a),
		Remedy:  message.Text("rulebook."+code+".remedy", a),
	}
	p.note(problem)
}

// take adds what others found.
func (p *problems) take(others *problems) {
	for _, problem := range others.list {
		p.note(problem)
	}
}

func (p *problems) note(problem Problem) {
	if p.seen[problem] {
		return
	}
	if p.seen == nil {
		p.seen = map[Problem]bool{}
	}
	p.seen[problem] = true
	p.list = append(p.list, problem)
}

func (p *problems) sorted() []Problem {
	slices.SortStableFunc(p.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p.list
}
