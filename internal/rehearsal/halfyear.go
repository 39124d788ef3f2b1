package rehearsal

import (
	"context"
	"errors"

	"duban/api"
	"duban/internal/client"
	"duban/internal/procedure"
)

// rolledOut is the link under which a promotion starts what follows from it.
const rolledOut = "rollout"

// ErrBehind says that people did not keep up with the matters' clock: on a machine that has too much to do.
var ErrBehind = errors.New("rehearsal: the half-year was not played to its end")

// HalfYear plays a promotion, told of as it begins, and the roll-out it starts, until both are over. What somebody was refused
// on the way, because others were faster, is nothing as long as all is done.
func (t *Troupe) HalfYear(ctx context.Context, begin Play, as string, began func(matter string)) error {
	matter, err := t.Perform(ctx, begin)
	if err != nil {
		return err
	}
	began(matter)
	c, err := t.Client(ctx, as)
	if err != nil {
		return err
	}
	done := false
	err = t.Play(ctx, matter, as, func(m api.Matter) bool {
		over := m.Stage == procedure.Closed && over(ctx, c, m)
		done = over && m.State == api.MatterStateCompleted
		return over
	})
	if !done {
		return errors.Join(ErrBehind, err, context.Cause(ctx))
	}
	return nil
}

// over says whether what a matter has started is over too. What is not seen yet has just begun.
func over(ctx context.Context, c *client.Client, m api.Matter) bool {
	for _, l := range m.Links {
		if l.Link != rolledOut {
			continue
		}
		if child, err := c.Matter(ctx, l.ID); err != nil || child.Stage != procedure.Closed {
			return false
		}
	}
	return true
}
