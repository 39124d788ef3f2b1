package poll

import (
	"errors"
	"fmt"
	"math"
	"regexp"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"duban/internal/expression"
)

// ErrFormula says a text is no formula of shares.
var ErrFormula = errors.New("no formula of shares")

// formula gives an option's score in millionths.
type formula func(unit, public float64) (int64, error)

// The largest number a formula may hold: scores stay whole numbers that every language holds exactly.
const largestNumber = 1e6

// What a formula is written with; how it is put together is left to CEL.
var written = regexp.MustCompile(`^(?:[ \n]|unit|public|[0-9]{1,7}\.[0-9]{1,15}|[-+*/()])+$`)

// CheckFormula says whether a formula can be used: CEL over the numbers unit and public, of decimal numbers, plus, minus,
// times, division by a number other than 0, and parentheses. Anyone can then work it out by hand.
func CheckFormula(text string) error {
	_, err := compile(text)
	return err
}

// shares are the numbers a formula is written over.
var shares = expression.NewLanguage(cel.DoubleType, cel.Variable("unit", cel.DoubleType), cel.Variable("public", cel.DoubleType))

func compile(text string) (formula, error) {
	if !written.MatchString(text) {
		return nil, fmt.Errorf("%w: only decimal numbers, unit, public, + - * / and parentheses", ErrFormula)
	}
	program, checked, err := shares.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormula, err)
	}
	if err := arithmetic(checked.NativeRep().Expr()); err != nil {
		return nil, err
	}
	return func(unit, public float64) (int64, error) {
		value, _, err := program.Eval(map[string]any{"unit": unit, "public": public})
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrFormula, err)
		}
		score, ok := value.(types.Double)
		if !ok {
			return 0, ErrFormula
		}
		millionths := math.Floor(float64(float64(score)*1e6) + 0.5) // converted: rounded by itself on every machine
		if !(math.Abs(millionths) <= 1<<53) {
			return 0, fmt.Errorf("%w: it gives %v", ErrFormula, score)
		}
		return int64(millionths), nil
	}, nil
}

// arithmetic allows the four operations on numbers and shares and nothing else.
func arithmetic(e ast.Expr) error {
	switch e.Kind() {
	case ast.IdentKind:
		return nil
	case ast.LiteralKind:
		if number, ok := e.AsLiteral().(types.Double); ok && !math.Signbit(float64(number)) && float64(number) <= largestNumber {
			return nil
		}
		return fmt.Errorf("%w: numbers go from 0.0 to 1000000.0", ErrFormula)
	case ast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.Add, operators.Subtract, operators.Multiply:
		case operators.Divide:
			if by := call.Args()[1]; by.Kind() != ast.LiteralKind || by.AsLiteral() == types.Double(0) {
				return fmt.Errorf("%w: it divides by what may be 0", ErrFormula)
			}
		default:
			return fmt.Errorf("%w: it uses %s", ErrFormula, call.FunctionName())
		}
		for _, arg := range call.Args() {
			if err := arithmetic(arg); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%w: only numbers, unit, public, + - * / and parentheses", ErrFormula)
}
