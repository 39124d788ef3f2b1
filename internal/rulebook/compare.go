package rulebook

import (
	"slices"
	"strconv"
	"strings"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// compare refuses what a derived rulebook may not do to what it inherits (001 art. 21 lets it work the rules out, not
// loosen them): longer, later or fewer limits, weaker alarms or ones that reach fewer, a wider intake, more extensions, stages
// dropped or passed by, gates eased.
func (b *builder) compare(parent, heir *Rulebook, own *node) {
	for _, key := range heir.Order {
		was, is := parent.Procedures[key], heir.Procedures[key]
		if was == nil || is == was {
			continue
		}
		c := comparison{b, was, is, heir.facts[key], parent.facts[key].required, own.get("procedures").get(key)}
		c.procedure()
	}
}

type comparison struct {
	*builder
	was, is  *procedure.Procedure
	facts    *facts
	required map[string]bool // stages of the parent an heir must keep
	own      *node           // what the heir itself says of the procedure
}

func (c *comparison) procedure() {
	c.intake()
	limits := c.facts.node.get("limits")
	c.limits(c.was.Limits, c.is.Limits, limits, c.own.get("limits"), c.facts.node.keyAt("title"))
	for i := range c.was.Slips {
		was := &c.was.Slips[i]
		is, ok := c.is.Slip(was.Key)
		if !ok || was.Sign == nil {
			continue
		}
		var now []procedure.Limit
		if is.Sign != nil {
			now = append(now, *is.Sign)
		}
		c.limits([]procedure.Limit{*was.Sign}, now, nil, nil, c.facts.node.keyAt("title"))
	}
	for _, e := range entries(c.own.get("stages")) {
		if _, known := c.was.Stage(e.key); e.val.null() && !known {
			c.add(e.at, "nothing-to-drop", args{"stage": e.key})
		}
	}
	unavoidable, still := c.unavoidable(c.was), c.unavoidable(c.is)
	for i := range c.was.Stages {
		was := &c.was.Stages[i]
		is, kept := c.is.Stage(was.Key)
		switch {
		case !kept && c.required[was.Key]:
			c.add(c.own.get("stages").keyAt(was.Key), "dropped-stage", args{"stage": was.Title, "source": cite(was.Authority)})
		case !kept:
		default:
			at := c.facts.stages[was.Key].at
			if c.required[was.Key] && slices.Contains(unavoidable, was.Key) && !slices.Contains(still, was.Key) {
				c.add(c.passes(was.Key, at), "bypassed-stage", args{"stage": was.Title, "source": cite(was.Authority)})
			}
			c.stage(was, is, c.facts.stages[was.Key], c.own.get("stages").get(was.Key))
		}
	}
}

// intake refuses a window that lets in on a day on which the parent's does not.
func (c *comparison) intake() {
	was, is := c.was.Intake, c.is.Intake
	if was == nil || is != nil && within(is, was) {
		return
	}
	at := c.own.keyAt("intake")
	for _, key := range []string{"opens", "closes"} {
		if is != nil && c.own.get("intake").get(key) != nil {
			at = c.own.get("intake").keyAt(key)
			break
		}
	}
	c.add(at, "loosened-intake", args{"opens": was.Opens, "closes": was.Closes, "source": cite(was.Authority)})
}

// passes is where the heir's file changed how the stage is reached: the first stage whose ways on it changed.
func (c *comparison) passes(stage string, otherwise place) place {
	for _, e := range entries(c.own.get("stages")) {
		for _, key := range []string{"actions", "next", "wait"} {
			if e.val.get(key) != nil {
				return e.val.keyAt(key)
			}
		}
	}
	return otherwise
}

// unavoidable are the stages no matter can be completed without.
func (c *comparison) unavoidable(p *procedure.Procedure) []string {
	var keys []string
	for i := range p.Stages {
		if without := p.Stages[i].Key; !completes(p, p.First, without, map[string]bool{}) {
			keys = append(keys, without)
		}
	}
	return keys
}

// completes reports whether a matter at the stage can be completed without passing another.
func completes(p *procedure.Procedure, key, without string, seen map[string]bool) bool {
	if key == procedure.Closed {
		return true
	}
	stage, ok := p.Stage(key)
	if !ok || key == without || seen[key] {
		return false
	}
	seen[key] = true
	return slices.ContainsFunc(forward(stage), func(to string) bool { return completes(p, to, without, seen) })
}

// forward are the ways a stage leads on by its own completion.
func forward(s *procedure.Stage) []string {
	to := append(slices.Clone(s.Actions[procedure.ActionApprove]), s.Actions[procedure.ActionFinish]...)
	if s.Next != "" {
		to = append(to, s.Next)
	}
	if s.Wait != nil {
		for _, other := range []string{s.Wait.Else, s.Wait.Refused} {
			if other != "" {
				to = append(to, other)
			}
		}
	}
	return to
}

func (c *comparison) stage(was, is *procedure.Stage, n, own *node) {
	c.limits(was.Limits, is.Limits, n, own, n.at)
	c.polls(was.Title, was.Poll, is.Poll, n.get("poll"))
	if was.Gate != nil && (is.Gate == nil || !asStrict(was.Gate.When, is.Gate.When)) {
		at := n.keyAt("gate")
		if when := n.get("gate").get("when"); when != nil {
			at = when.at
		}
		c.add(at, "loosened-gate", args{"stage": was.Title, "was": was.Gate.When, "source": cite(was.Authority)})
	}
	switch {
	case is.Extend == nil:
	case was.Extend == nil && len(was.Limits) > 0:
		c.add(n.keyAt("extend"), "loosened-extension", args{"stage": was.Title})
	case was.Extend != nil && (is.Extend.Max.LooserThan(was.Extend.Max) || is.Extend.Times > was.Extend.Times):
		c.add(n.keyAt("extend"), "loosened-extension", args{"stage": was.Title})
	}
}

// polls compares a vote's own terms: an heir's may be longer, for what they guard.
func (c *comparison) polls(stage string, was, is *procedure.Poll, n *node) {
	if was == nil || is == nil {
		return
	}
	for key, of := range map[string]func(*procedure.Poll) *procedure.PollTerm{
		"review":     func(p *procedure.Poll) *procedure.PollTerm { return p.Review },
		"objections": func(p *procedure.Poll) *procedure.PollTerm { return p.Objections },
	} {
		old, now := of(was), of(is)
		if old != nil && (now == nil || old.Within.LooserThan(now.Within)) {
			c.add(n.keyAt(key), "shortened-poll-term", args{"stage": stage, "key": key, "was": old.Within.Chinese(), "source": cite(old.Authority)})
		}
	}
}

// limits compares limits by key. n holds them (under their keys, or as a stage's own), own is what the heir says there.
func (c *comparison) limits(was, is []procedure.Limit, n, own *node, at place) {
	for _, old := range was {
		i := slices.IndexFunc(is, func(l procedure.Limit) bool { return l.Key == old.Key })
		if i < 0 {
			c.add(dropped(own, old.Key, at), "dropped-limit", args{"limit": c.name(old), "source": cite(old.Authority)})
			continue
		}
		new, where := is[i], at
		holder := limitNode(n, old.Key)
		if holder != nil {
			where = holder.at
		}
		if from, to, looser := loosened(old, new); looser {
			for _, key := range []string{"within", "on", "field", "from", "until"} {
				if holder.get(key) != nil {
					where = holder.get(key).at
					break
				}
			}
			c.add(where, "loosened-limit", args{"limit": c.name(old), "was": from, "is": to, "source": cite(old.Authority)})
		}
		for _, alarm := range old.Alarms {
			if !slices.ContainsFunc(new.Alarms, func(a procedure.Alarm) bool { return asStrong(a, alarm) }) {
				c.add(alarmsAt(holder, where), "loosened-alarm", args{"limit": c.name(old), "alarm": AlarmText(alarm),
					"to": recipients(alarm), "source": cite(alarm.Authority)})
			}
		}
	}
}

func (c *comparison) name(l procedure.Limit) string {
	if l.Title != "" {
		return l.Title
	}
	return l.Key
}

// limitNode is where a limit is written: under its key among limits, or as a stage's own.
func limitNode(n *node, key string) *node {
	if own := n.get("limits").get(key); own != nil {
		return own
	}
	if own := n.get(key); own != nil {
		return own
	}
	return n
}

func alarmsAt(n *node, otherwise place) place {
	if n.get("alarms") != nil {
		return n.keyAt("alarms")
	}
	return otherwise
}

// dropped is where the heir wrote that it drops a limit.
func dropped(own *node, key string, otherwise place) place {
	for _, n := range []*node{own.get("limits"), own} {
		for _, name := range []string{key, "within", "on", "field"} {
			if value := n.get(name); value.null() {
				return n.keyAt(name)
			}
		}
	}
	return otherwise
}

// loosened says whether a limit may end later than the one it takes the place of, or cannot be compared with it.
func loosened(old, new procedure.Limit) (was, is string, looser bool) {
	was, is = TermText(old), TermText(new)
	switch {
	case old.From != new.From || old.Until != new.Until:
		return was, is, true
	case old.Within != nil && new.Within != nil:
		return was, is, new.Within.LooserThan(*old.Within)
	case old.On != "" && new.On != "":
		return was, is, laterDay(new.On, old.On)
	case old.Field != "":
		return was, is, new.Field != old.Field
	}
	return was, is, true
}

// laterDay reports whether a day of the year or month comes later than another, or is of another kind.
func laterDay(a, b string) bool {
	if x, y := strings.Split(a, ","), strings.Split(b, ","); len(x) > 1 || len(y) > 1 {
		return len(x) != len(y) || slices.ContainsFunc(x, func(day string) bool { return laterDay(day, y[slices.Index(x, day)]) })
	}
	if strings.Contains(a, "-") || strings.Contains(b, "-") {
		return strings.Contains(a, "-") != strings.Contains(b, "-") || a > b
	}
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	return errX != nil || errY != nil || x > y
}

// strength orders what alarms do.
var strength = map[procedure.AlarmDo]int{procedure.DoNotice: 1, procedure.DoUrge: 2, procedure.DoSlip: 3, procedure.DoEscalate: 4}

// asStrong reports whether an alarm does as much as another, no later, reaches all that it reaches, and as urgently.
func asStrong(a, b procedure.Alarm) bool {
	if b.Urgent && !a.Urgent || slices.ContainsFunc(b.To, func(role procedure.Role) bool { return !slices.Contains(a.To, role) }) {
		return false
	}
	if strength[a.Do] < strength[b.Do] || b.Do == procedure.DoSlip && (a.Do != procedure.DoSlip || a.Slip != b.Slip) {
		return false
	}
	none := calendar.Duration{Unit: calendar.Days}
	before := func(x procedure.Alarm) calendar.Duration {
		if x.Before != nil {
			return *x.Before
		}
		return none
	}
	switch {
	case b.Before != nil:
		return a.Before != nil && !before(b).LooserThan(before(a))
	case b.After != nil:
		return a.After == nil || !a.After.LooserThan(*b.After)
	}
	return a.After == nil
}

func cite(a procedure.Authority) string {
	if a.Source != "" {
		return a.Source
	}
	return setByText(a.SetBy)
}

// recipients are whom an alarm reaches, as a rulebook writes them, and whether outside working hours too.
func recipients(a procedure.Alarm) string {
	said := make([]string, len(a.To))
	for i, role := range a.To {
		said[i] = string(role)
	}
	if a.Urgent {
		said = append(said, "urgent")
	}
	return join(said)
}
