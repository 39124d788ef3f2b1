package rulebook

import (
	"slices"
	"strings"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// sugar are the keys by which a stage states its one limit without a name; it is compiled under the key "limit".
var sugar = []string{"within", "on", "field", "from", "until", "alarms"}

func (w *work) stageLimits(e entry, of procedure.Authority) []procedure.Limit {
	var limits []procedure.Limit
	short := &node{at: e.at, mapping: true}
	for _, key := range sugar {
		if value := e.val.get(key); value != nil && !value.null() {
			short.entries = append(short.entries, entry{key, e.val.keyAt(key), value})
		}
	}
	if len(short.entries) > 0 {
		short.at = short.entries[0].at
		if set := e.val.get("set-by"); set != nil {
			short.entries = append(short.entries, entry{"set-by", set.at, set})
		}
		limits = append(limits, w.limit("limit", short, short.at, of, false))
	}
	for _, own := range entries(e.val.get("limits")) {
		if own.val.null() {
			continue
		}
		if own.key == "limit" && len(limits) > 0 {
			w.add(own.at, "duplicate-key", args{"key": own.key})
		}
		limits = append(limits, w.limit(own.key, own.val, own.at, of, false))
	}
	return limits
}

// limit reads a limit; spans says that it belongs to the procedure, not to a stage.
func (w *work) limit(key string, n *node, at place, of procedure.Authority, spans bool) procedure.Limit {
	l := procedure.Limit{
		Key: key, Title: n.get("title").text(), Authority: w.term(n, of), From: n.get("from").text(),
		Until: n.get("until").text(), On: strings.Join(n.get("on").texts(), ","), Field: n.get("field").text(),
	}
	said := 0
	for _, term := range []string{"within", "on", "field"} {
		if v := n.get(term); v != nil && !v.null() {
			said++
		}
	}
	if said != 1 {
		w.add(at, "limit-not-one", args{"limit": key})
	}
	if within := n.get("within"); within != nil && !within.null() {
		d := w.duration(within)
		l.Within = &d
	}
	w.day(n.get("on"))
	w.date(n.get("field"))
	w.mark(n.get("from"))
	w.mark(n.get("until"))
	if from := n.get("from"); spans && from != nil && strings.HasSuffix(from.text(), ".done") {
		w.add(from.at, "from-not-entered", args{"mark": from.text()})
	}
	if until := n.get("until"); until != nil && !strings.HasSuffix(until.text(), ".done") {
		w.add(until.at, "until-not-done", args{"mark": until.text()})
	}
	alarms := n.get("alarms")
	if alarms == nil {
		alarms = w.default_("alarms")
	}
	if len(alarms.each()) == 0 {
		w.add(at, "limit-without-alarm", args{"limit": key})
	}
	for _, alarm := range alarms.each() {
		l.Alarms = append(l.Alarms, w.alarm(alarm, l.Authority))
	}
	return l
}

func (w *work) alarm(n *node, of procedure.Authority) procedure.Alarm {
	a := procedure.Alarm{
		At: n.get("at").text(), Do: procedure.AlarmDo(n.get("do").text()), Slip: n.get("slip").text(),
		To: w.roles(n.get("to"), true), Urgent: n.get("urgent").truth(), Authority: w.term(n, of),
	}
	said := 0
	if n.get("at") != nil {
		said++
	}
	if before := n.get("before"); before != nil {
		d := w.duration(before)
		a.Before = &d
		said++
	}
	if after := n.get("after"); after != nil {
		d := w.duration(after)
		a.After = &d
		said++
	}
	if said != 1 {
		w.add(n.at, "alarm-not-one", nil)
	}
	if (a.Do == procedure.DoSlip) != (a.Slip != "") {
		w.add(n.at, "alarm-slip", nil)
	}
	w.slipKnown(n.get("slip"))
	return a
}

// mark checks that the instant a limit counts from, or ends by, can come.
func (w *work) mark(n *node) {
	if n == nil || n.text() == "started" {
		return
	}
	stage, what, _ := strings.Cut(n.text(), ".")
	if what == "due" {
		w.spanning(n, stage)
		return
	}
	of, ok := w.stages[stage]
	if !ok {
		w.add(n.at, "unknown-stage", args{"stage": stage, "known": join(sortedKeys(w.stages))})
	} else if what == "opened" && of.get("kind").text() != string(procedure.KindPoll) {
		w.add(n.at, "opened-no-poll", args{"stage": stage})
	}
}

// spanning checks that a limit of the procedure has that key, and is no more counted from another's due than need be known.
func (w *work) spanning(at *node, key string) {
	limits := w.node.get("limits")
	if def := limits.get(key); def == nil || def.null() || strings.HasSuffix(def.get("from").text(), ".due") {
		known := slices.DeleteFunc(keysOf(limits), func(key string) bool { return strings.HasSuffix(limits.get(key).get("from").text(), ".due") })
		w.add(at.at, "unknown-limit", args{"limit": key, "known": join(known)})
	}
}

// day checks a day of the year ("01-31") or of the month ("28").
func (w *work) day(n *node) {
	if n == nil || n.null() {
		return
	}
	for _, day := range n.each() {
		if _, err := procedure.NextDay(calendar.Calendar{}, calendar.Date{Year: 2024, Month: 1, Day: 1}.At(0), day.text()); err != nil {
			w.add(day.at, "bad-day", args{"day": day.text()})
		}
	}
}

// usedSlips compiles the kinds of slip the procedure issues: its own, and of the rulebook's those it names.
func (w *work) usedSlips() {
	declared := orEmpty(merge(orEmpty(w.tree.get("slips")), orEmpty(w.node.get("slips"))))
	var used []string
	use := func(l *procedure.Limit) {
		for _, a := range l.Alarms {
			used = append(used, a.Slip)
		}
	}
	for i := range w.p.Stages {
		s := &w.p.Stages[i]
		if s.Issue != nil {
			used = append(used, s.Issue.Slip)
		}
		for j := range s.Limits {
			use(&s.Limits[j])
		}
	}
	for i := range w.p.Limits {
		use(&w.p.Limits[i])
	}
	for _, e := range declared.entries {
		if slices.Contains(used, e.key) || w.node.get("slips").get(e.key) != nil {
			w.p.Slips = append(w.p.Slips, w.slip(e))
		}
	}
}

func (w *work) slip(e entry) procedure.SlipKind {
	n := e.val
	for _, need := range []string{"title", "prefix", "from", "body"} {
		if n.get(need) == nil {
			w.add(e.at, "missing-key", args{"key": need})
		}
	}
	kind := procedure.SlipKind{
		Key: e.key, Title: n.get("title").text(), Prefix: n.get("prefix").text(), From: n.get("from").text(),
		Body: n.get("body").text(), Authority: w.term(n, procedure.Authority{}),
	}
	w.founded(kind.Authority, e.at, e.key)
	if from := n.get("from"); from != nil {
		w.party(from, from.text())
	}
	w.placeholders(n.get("body"), nil, "title", "due", "slip")
	if sign := n.get("sign"); sign != nil && !sign.null() {
		limit := w.limit("sign", sign, n.keyAt("sign"), kind.Authority, false)
		kind.Sign = &limit
	}
	return kind
}

func (w *work) slipKnown(n *node) {
	if n == nil || w.node.get("slips").get(n.text()) != nil || w.tree.get("slips").get(n.text()) != nil {
		return
	}
	known := append(keysOf(w.tree.get("slips")), keysOf(w.node.get("slips"))...)
	w.add(n.at, "unknown-slip", args{"slip": n.text(), "known": join(known)})
}

func keysOf(n *node) []string {
	var keys []string
	for _, e := range entries(n) {
		keys = append(keys, e.key)
	}
	return keys
}
