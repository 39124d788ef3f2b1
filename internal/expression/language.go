package expression

import (
	"sync"

	"cel.dev/cel-go/cel"
)

// Language is what the expressions of one kind may ask for and what they give.
type Language struct {
	env      func() (*cel.Env, error)
	want     *cel.Type
	programs sync.Map // text -> cel.Program
}

// NewLanguage makes a language of expressions that give the type wanted and may ask for what is named.
func NewLanguage(want *cel.Type, names ...cel.EnvOption) *Language {
	return &Language{want: want, env: sync.OnceValues(func() (*cel.Env, error) { return cel.NewEnv(names...) })}
}

// Compile reads an expression. What is wrong with one that cannot be used is a [*Fault].
func (l *Language) Compile(text string) (cel.Program, *cel.Ast, error) {
	env, err := l.env()
	if err != nil {
		return nil, nil, err
	}
	checked, err := Compile(env, text, l.want)
	if err != nil {
		return nil, nil, err
	}
	program, err := env.Program(checked)
	return program, checked, err
}

// Program is an expression of rules in force, ready to be evaluated. These are few, and every matter asks the same ones, so
// each is compiled when it is first asked for and then kept.
func (l *Language) Program(text string) (cel.Program, error) {
	if kept, ok := l.programs.Load(text); ok {
		return kept.(cel.Program), nil
	}
	program, _, err := l.Compile(text)
	if err == nil {
		l.programs.Store(text, program)
	}
	return program, err
}
