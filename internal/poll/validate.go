package poll

import (
	"errors"
	"fmt"
	"slices"
)

// ErrRound says a definition is none a vote can be held by; what is wrong stands in the error's text, for the log.
var ErrRound = errors.New("no round to vote in")

// Validate says what keeps a definition from being voted in: an error that is ErrRound, or nil.
func (r *Round) Validate() error {
	for _, check := range []func() error{r.validOptions, r.validRolls, r.validTerms} {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrRound, r.ID, err)
		}
	}
	return nil
}

func (r *Round) validOptions() error {
	numbers := map[int]bool{}
	ids := map[string]bool{}
	for _, o := range r.Options {
		if !partID.MatchString(o.ID) || ids[o.ID] {
			return fmt.Errorf("option %q has no id of its own", o.ID)
		}
		if o.Number < 1 || o.Number > maxNumber || numbers[o.Number] {
			return fmt.Errorf("option %s has no number of its own", o.ID)
		}
		ids[o.ID], numbers[o.Number] = true, true
	}
	switch {
	case r.Winners < 1 || r.Winners > len(r.Options):
		return fmt.Errorf("%d of %d options cannot win", r.Winners, len(r.Options))
	case r.Choices.Min < 1 || r.Choices.Max < r.Choices.Min || r.Choices.Max > len(r.Options):
		return fmt.Errorf("%d to %d of %d options cannot be chosen", r.Choices.Min, r.Choices.Max, len(r.Options))
	}
	return nil
}

func (r *Round) validRolls() error {
	ids := map[string]bool{}
	for _, u := range r.Units {
		if !partID.MatchString(u.ID) || ids[u.ID] {
			return fmt.Errorf("unit %q has no id of its own", u.ID)
		}
		ids[u.ID] = true
		if free := len(r.Options) - len(r.Own(u.ID)); free < r.Choices.Min {
			return fmt.Errorf("unit %s may choose %d options and has to choose %d", u.ID, free, r.Choices.Min)
		}
	}
	ids = map[string]bool{}
	for _, d := range r.Districts {
		if !partID.MatchString(d.ID) || ids[d.ID] || d.Eligible < 0 {
			return fmt.Errorf("district %q has no id of its own, or fewer than none eligible", d.ID)
		}
		ids[d.ID] = true
	}
	if len(r.Units)+len(r.Districts) == 0 {
		return errors.New("nobody votes")
	}
	return nil
}

func (r *Round) validTerms() error {
	switch {
	case !roundID.MatchString(r.ID):
		return errors.New("no id")
	case !r.Opens.Before(r.Closes):
		return errors.New("closes before it opens")
	case !r.Counts.IsZero() && r.Counts.Before(r.Closes):
		return errors.New("counted before it closes")
	case !(r.PublicCap > 0 && r.PublicCap <= 1):
		return errors.New("the public's cap is a share above 0")
	case r.Order != OrderScore && r.Order != OrderPublic:
		return fmt.Errorf("order %q", r.Order)
	case len(r.Ties) == 0 || slices.Index(r.Ties, RuleDraw) != len(r.Ties)-1:
		return errors.New("only a draw ends every tie: it comes last")
	case !commitment.MatchString(r.Draw):
		return errors.New("no commitment to the seed of its draw")
	}
	for _, rule := range r.Ties {
		if !slices.Contains([]Rule{RulePublic, RuleUnit, RuleEarlier, RuleDraw}, rule) {
			return fmt.Errorf("tie rule %q", rule)
		}
	}
	return CheckFormula(r.Formula)
}
