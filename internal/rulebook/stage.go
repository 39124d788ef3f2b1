package rulebook

import (
	"regexp"
	"slices"
	"strings"

	"duban/internal/procedure"
)

// kindKeys are the keys that say what a kind of stage does.
var kindKeys = map[procedure.Kind]string{
	procedure.KindStart: "start", procedure.KindIssue: "issue", procedure.KindWait: "wait", procedure.KindGate: "gate",
	procedure.KindEnact:   "enact",
	procedure.KindCollect: "collect", procedure.KindPoll: "poll", procedure.KindScore: "score", procedure.KindDraw: "draw",
}

func (w *work) stage(e entry) procedure.Stage {
	n := e.val
	s := procedure.Stage{
		Key: e.key, Title: n.get("title").text(), Kind: procedure.Kind(n.get("kind").text()), Authority: w.rests(n),
		Mode: procedure.Mode(n.get("mode").text()), Ratio: n.get("ratio").number(),
		Fields: w.fields(n.get("fields")), Needs: w.fields(n.get("needs")), Inputs: w.fields(n.get("inputs")),
		Batch: n.get("batch").truth(),
	}
	for _, need := range []string{"title", "kind"} {
		if n.get(need) == nil {
			w.add(e.at, "missing-key", args{"key": need})
		}
	}
	w.founded(s.Authority, e.at, e.key)
	s.Limits = w.stageLimits(e, s.Authority)
	switch s.Kind {
	case procedure.KindTask:
		w.task(e, &s)
	case "":
	default:
		if n.get(kindKeys[s.Kind]) == nil {
			w.add(e.at, "missing-key", args{"key": kindKeys[s.Kind]})
			break
		}
		if n.get("next") == nil {
			w.add(e.at, "missing-key", args{"key": "next"})
		}
		s.Next = n.get("next").text()
		w.known(n.get("next"))
		w.automatic(e, &s)
	}
	for _, key := range misplaced(s.Kind) {
		if n.get(key) != nil {
			w.add(n.keyAt(key), "key-not-here", args{"key": key, "kind": s.Kind})
		}
	}
	return s
}

// misplaced are the keys that mean nothing in a stage of the kind.
func misplaced(kind procedure.Kind) []string {
	keys := []string{"start", "issue", "wait", "gate", "enact", "collect", "poll", "score", "draw"}
	if kind == procedure.KindTask {
		return append(keys, "next")
	}
	keys = append(keys, "who", "mode", "ratio", "fields", "needs", "filled-by", "prefill", "inputs", "actions", "batch")
	return slices.DeleteFunc(keys, func(key string) bool {
		return key == kindKeys[kind] || key == "start" && kind == procedure.KindCollect ||
			key == "who" && (kind == procedure.KindPoll || kind == procedure.KindScore)
	})
}

func (w *work) task(e entry, s *procedure.Stage) {
	n := e.val
	for _, need := range []string{"who", "actions"} {
		if n.get(need) == nil {
			w.add(e.at, "missing-key", args{"key": need})
		}
	}
	s.Who = w.roles(n.get("who"), false)
	w.prefill(n, s)
	w.filledBy(n, s)
	if s.Mode == procedure.ModeRatio && s.Ratio == 0 {
		w.add(n.get("mode").at, "missing-key", args{"key": "ratio"})
	}
	if s.Batch && (len(s.Needs) > 0 || n.get("actions").get("approve") == nil) {
		w.add(n.get("batch").at, "batch-not-safe", args{"stage": s.Title})
	}
	for _, action := range entries(n.get("actions")) {
		if s.Actions == nil {
			s.Actions = map[procedure.ActionName]procedure.Target{}
		}
		for _, target := range action.val.each() {
			w.known(target)
		}
		if name := procedure.ActionName(action.key); name != procedure.ActionReturn && len(action.val.each()) > 1 {
			w.add(action.val.at, "one-target", args{"action": action.key})
		}
		s.Actions[procedure.ActionName(action.key)] = action.val.texts()
	}
	if allow := w.stageDefault(n, "allow"); allow != nil {
		for _, action := range allow.texts() {
			s.Allow = append(s.Allow, procedure.ActionName(action))
		}
	}
	if suspend := w.stageDefault(n, "suspend"); suspend != nil && !suspend.null() {
		s.Suspend = &procedure.Suspending{By: w.roles(suspend.get("by"), false), Authority: w.term(suspend, procedure.Authority{})}
		w.founded(s.Suspend.Authority, suspend.at, "suspend")
	}
	w.extension(w.stageDefault(n, "extend"), s)
	for _, label := range entries(n.get("labels")) {
		name := procedure.ActionName(label.key)
		if _, moves := s.Actions[name]; !moves && !slices.Contains(s.Allow, name) {
			w.add(label.at, "label-without-action", args{"action": label.key})
		}
		if s.Labels == nil {
			s.Labels = map[procedure.ActionName]string{}
		}
		s.Labels[name] = label.val.text()
	}
}

// prefill reads what the stage's fields hold as it opens: what another field holds, of the same type, or a text.
func (w *work) prefill(n *node, s *procedure.Stage) {
	for _, e := range entries(n.get("prefill")) {
		if s.Prefill == nil {
			s.Prefill = map[string]string{}
		}
		s.Prefill[e.key] = e.val.text()
		if !slices.Contains(s.Fields, e.key) {
			w.add(e.at, "prefill-not-here", args{"field": e.key, "known": join(s.Fields)})
			continue
		}
		field, _ := w.form.field(e.key)
		from, copied := strings.CutPrefix(e.val.text(), "=")
		if !copied {
			w.placeholders(e.val, nil, "unit", "title")
			if field.kind != "string" || field.format != "" && field.format != "textarea" {
				w.add(e.at, "prefill-differs", args{"field": e.key})
			}
			continue
		}
		w.copied(e.val, from, nil)
		if other, ok := w.form.field(from); ok && (other.kind != field.kind || other.format != field.format) {
			w.add(e.at, "prefill-differs", args{"field": e.key})
		}
	}
}

// filledBy reads which of the stage's fields one of its roles alone fills.
func (w *work) filledBy(n *node, s *procedure.Stage) {
	for _, e := range entries(n.get("filled-by")) {
		role := procedure.Role(e.val.text())
		switch {
		case !slices.Contains(s.Fields, e.key):
			w.add(e.at, "filled-by-not-here", args{"field": e.key, "known": join(s.Fields)})
		case !slices.Contains(s.Who, role):
			w.add(e.val.at, "filled-by-not-who", args{"role": role, "known": join(n.get("who").texts())})
		}
		if s.FilledBy == nil {
			s.FilledBy = map[string]procedure.Role{}
		}
		s.FilledBy[e.key] = role
	}
}

func (w *work) extension(extend *node, s *procedure.Stage) {
	if extend == nil || extend.null() {
		return
	}
	s.Extend = &procedure.Extension{By: w.roles(extend.get("by"), true), Max: w.duration(extend.get("max")),
		Times: extend.get("times").number(), Authority: w.term(extend, procedure.Authority{})}
	w.founded(s.Extend.Authority, extend.at, "extend")
}

// stageDefault is what the stage says under the key, or else its procedure, or else the rulebook.
func (w *work) stageDefault(stage *node, key string) *node {
	if own := stage.get(key); own != nil {
		return own
	}
	return w.default_(key)
}

// automatic reads what a stage does beside asking people to act.
func (w *work) automatic(e entry, s *procedure.Stage) {
	n := e.val
	if s.Kind == procedure.KindPoll || s.Kind == procedure.KindScore {
		if s.Who = w.roles(n.get("who"), false); n.get("who") == nil {
			w.add(e.at, "missing-key", args{"key": "who"})
		}
	}
	switch s.Kind {
	case procedure.KindCollect:
		if start := n.get("start"); start != nil {
			s.Start = w.start(start)
		}
		s.Collect = w.collect(n.get("collect"), s)
	case procedure.KindPoll:
		s.Poll = w.poll(n.get("poll"), s)
		w.extension(n.get("extend"), s)
	case procedure.KindScore:
		s.Score = w.score(n.get("score"), s)
	case procedure.KindDraw:
		s.Draw = w.draw(n.get("draw"))
	case procedure.KindStart:
		s.Start = w.start(n.get("start"))
	case procedure.KindIssue:
		issue := n.get("issue")
		for _, need := range []string{"slip", "to"} {
			if issue.get(need) == nil {
				w.add(n.keyAt("issue"), "missing-key", args{"key": need})
			}
		}
		s.Issue = &procedure.Issue{Slip: issue.get("slip").text(), To: w.roles(issue.get("to"), false)}
		w.slipKnown(issue.get("slip"))
	case procedure.KindWait:
		s.Wait = w.wait(n)
	case procedure.KindEnact:
		s.Enact = w.enact(n)
	case procedure.KindGate:
		gate := n.get("gate")
		s.Gate = &procedure.Gate{When: gate.get("when").text(), Reason: gate.get("reason").text()}
		if gate.get("reason") == nil {
			w.add(n.keyAt("gate"), "missing-key", args{"key": "reason"})
		}
		for _, m := range namedParty.FindAllStringSubmatch(s.Gate.When, -1) {
			w.party(gate.get("when"), m[1])
		}
		if err := procedure.CheckGate(s.Gate.When); err != nil {
			at := n.keyAt("gate")
			if when := gate.get("when"); when != nil {
				at = when.at
			}
			w.add(at, "bad-condition", args{"detail": expressionDetail(err, "condition")})
		}
	}
}

// namedParty is a party as a gate's condition names it.
var namedParty = regexp.MustCompile(`\bparties\.([A-Za-z]\w*)`)

func (w *work) start(n *node) *procedure.Start {
	s := &procedure.Start{
		Rulebook: n.get("rulebook").text(), Procedure: n.get("procedure").text(), Each: n.get("each").text(),
		Title: n.get("title").text(), As: n.get("as").text(), Submit: n.get("submit").truth(), Link: n.get("link").text(),
	}
	for _, need := range []string{"procedure", "title"} {
		if n.get(need) == nil {
			w.add(n.at, "missing-key", args{"key": need})
		}
	}
	what, names, _ := strings.Cut(s.Each, ":")
	var item *form
	switch what {
	case "party":
		for _, name := range strings.Split(names, ",") {
			w.party(n.get("each"), name)
		}
	case "field":
		if f, ok := w.form.field(names); !ok || f.items == nil {
			w.add(n.get("each").at, "not-a-list", args{"field": names, "known": join(w.form.names())})
		} else {
			item = f.items
		}
	}
	if as := n.get("as"); as != nil {
		if field, named := strings.CutPrefix(as.text(), "item."); !named {
			w.party(as, as.text())
		} else if f, _ := item.field(field); f.format != "unit" {
			w.add(as.at, "unknown-field", args{"field": as.text(), "known": join(item.names())})
		}
	}
	w.placeholders(n.get("title"), item, "unit", "title")
	for _, e := range entries(n.get("form")) {
		if s.Form == nil {
			s.Form = map[string]string{}
		}
		s.Form[e.key] = e.val.text()
		if field, copied := strings.CutPrefix(e.val.text(), "="); copied {
			w.copied(e.val, field, item)
			continue
		}
		w.placeholders(e.val, item, "unit", "title")
	}
	for _, e := range entries(n.get("own")) {
		if s.Own == nil {
			s.Own = map[string]string{}
		}
		s.Own[e.key] = e.val.text()
		list, copied := strings.CutPrefix(s.Form[e.key], "=")
		if f, _ := w.form.field(list); !copied || f.items == nil {
			w.add(e.at, "own-not-copied", args{"field": e.key})
		} else {
			w.entryField(e.val, f.items)
		}
	}
	return s
}

func (w *work) party(at *node, name string) {
	w.used[name] = true
	if _, ok := w.p.Parties[name]; !ok {
		w.add(at.at, "unknown-party", args{"party": name, "known": join(sortedKeys(w.p.Parties))})
	}
}

func (w *work) wait(n *node) *procedure.Wait {
	in := n.get("wait")
	wait := &procedure.Wait{Field: in.get("field").text(), On: strings.Join(in.get("on").texts(), ","), Link: in.get("link").text(),
		Else: in.get("else").text(), Refused: in.get("refused").text()}
	said := 0
	for _, key := range []string{"for", "field", "on", "before", "link"} {
		if in.get(key) != nil {
			said++
		}
	}
	if said != 1 {
		w.add(n.keyAt("wait"), "wait-not-one", nil)
	}
	if in.get("for") != nil {
		d := w.duration(in.get("for"))
		wait.For = &d
	}
	if before := in.get("before"); before != nil {
		w.spanning(before, before.text())
		d := w.duration(in.get("term"))
		wait.Before, wait.Term = before.text(), &d
		if in.get("term") == nil {
			w.add(before.at, "missing-key", args{"key": "term"})
		}
	}
	w.date(in.get("field"))
	w.day(in.get("on"))
	w.known(in.get("else"))
	w.known(in.get("refused"))
	if link := in.get("link"); link != nil && !slices.Contains(w.links(), link.text()) {
		w.add(link.at, "unknown-link", args{"link": link.text(), "known": join(w.links())})
	}
	return wait
}

// links are the names of the links the procedure's start stages make.
func (w *work) links() []string {
	var links []string
	for _, key := range sortedKeys(w.stages) {
		if start := w.stages[key].get("start"); start != nil {
			if link := start.get("link"); link != nil {
				key = link.text()
			}
			links = append(links, key)
		}
	}
	return links
}

// known reports a target that is no stage.
func (w *work) known(target *node) {
	if target == nil || target.text() == procedure.Closed {
		return
	}
	if _, ok := w.stages[target.text()]; !ok {
		w.add(target.at, "unknown-stage", args{"stage": target.text(), "known": join(sortedKeys(w.stages))})
	}
}
