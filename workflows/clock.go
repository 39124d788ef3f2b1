package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"duban/internal/message"
	"duban/internal/procedure"
)

// clock is a matter's clock with its one timer. The timer is ours to cancel: those that workflow.AwaitWithTimeout makes
// stay behind when the awaited condition comes first.
type clock struct {
	procedure.Clock
	at     time.Time // the instant last set, by the matter's clock
	timer  workflow.Future
	cancel workflow.CancelFunc
}

// now is the time by the matter's clock. Once the timer has fired it is not before the instant the timer was set for,
// whatever the conversion between the clocks rounded off.
func (c *clock) now(ctx workflow.Context) time.Time {
	now := c.Virtual(workflow.Now(ctx)).UTC()
	if c.rang() && now.Before(c.at) {
		return c.at
	}
	return now
}

// set makes the clock ring at the instant, by the matter's clock; the zero time asks for no ringing. Setting it to where
// it stands does nothing, so that an instant rings once.
func (c *clock) set(ctx workflow.Context, at time.Time) {
	if at.Equal(c.at) {
		if c.rang() {
			c.timer, c.cancel = nil, nil
		}
		return
	}
	if c.cancel != nil {
		c.cancel()
	}
	c.at, c.timer, c.cancel = at, nil, nil
	if at.IsZero() {
		return
	}
	ctx, c.cancel = workflow.WithCancel(ctx)
	c.timer = workflow.NewTimerWithOptions(ctx, max(0, c.Wall(at).Sub(workflow.Now(ctx))),
		workflow.TimerOptions{Summary: message.Text("workflow.timer", map[string]any{"at": civil(at)})})
}

// rang reports whether the instant has come and what it brings about has not yet been taken.
func (c *clock) rang() bool { return c.timer != nil && c.timer.IsReady() }
