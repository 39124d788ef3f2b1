package rulebook

import (
	"slices"
	"strings"

	"duban/internal/message"
	"duban/internal/poll"
	"duban/internal/procedure"
)

// collect reads what a collect stage gathers of the matters its start began.
func (w *work) collect(n *node, s *procedure.Stage) *procedure.Collect {
	c := &procedure.Collect{Link: n.get("link").text(), Into: n.get("into").text(), Take: n.get("take").texts(), Spread: n.get("spread").text(), First: n.get("first").text(),
		Missing: n.get("missing").text(), Closes: n.get("closes").text(), Role: n.get("role").text()}
	entry := w.list(n, "into")
	for _, name := range n.get("take").each() {
		w.entryField(name, entry)
	}
	w.entryField(n.get("first"), entry)
	w.units(n.get("missing"))
	w.closes(n.get("closes"), s)
	link := n.get("link")
	switch {
	case link == nil && s.Start == nil:
		w.add(n.at, "missing-key", args{"key": "start"})
	case link != nil && s.Start != nil:
		w.add(link.at, "collect-not-one", nil)
	case link != nil && !slices.Contains(w.links(), link.text()):
		w.add(link.at, "unknown-link", args{"link": link.text(), "known": join(w.links())})
	}
	return c
}

// list checks that a key names a list field of the form, and gives its entries' fields.
func (w *work) list(n *node, key string) *form {
	value := n.get(key)
	if value == nil {
		w.add(n.at, "missing-key", args{"key": key})
		return nil
	}
	return w.listNamed(value, value.text())
}

func (w *work) listNamed(at *node, name string) *form {
	f, ok := w.form.field(name)
	if !ok || f.items == nil {
		w.add(at.at, "not-a-list", args{"field": name, "known": join(w.form.names())})
		return nil
	}
	return f.items
}

// entryField checks that a list's entries have a field.
func (w *work) entryField(n *node, entry *form) {
	if n == nil || entry == nil {
		return
	}
	if _, ok := entry.field(n.text()); !ok {
		w.add(n.at, "unknown-field", args{"field": n.text(), "known": join(entry.names())})
	}
}

// units checks that a field holds a list of units.
func (w *work) units(n *node) {
	if n == nil {
		return
	}
	if f, _ := w.form.field(n.text()); f.format != "units" {
		w.add(n.at, "not-units", args{"field": n.text()})
	}
}

// closes checks that a stage closes by one of its own limits.
func (w *work) closes(n *node, s *procedure.Stage) *procedure.Limit {
	if n == nil {
		return nil
	}
	var known []string
	for i := range s.Limits {
		if s.Limits[i].Key == n.text() {
			return &s.Limits[i]
		}
		known = append(known, s.Limits[i].Key)
	}
	w.add(n.at, "unknown-closing", args{"limit": n.text(), "known": join(known)})
	return nil
}

// whom checks "party:…" or "field:…": who or what is scored or drawn.
func (w *work) whom(n *node) *form {
	what, names, _ := strings.Cut(n.text(), ":")
	if what == "field" {
		return w.listNamed(n, names)
	}
	for _, name := range strings.Split(names, ",") {
		w.party(n, name)
	}
	return nil
}

// The rules of a vote where the rulebook gives none.
const (
	formulaUnits = "unit"
	formulaBoth  = "0.5 * unit + 0.5 * public"
)

func (w *work) poll(n *node, s *procedure.Stage) *procedure.Poll {
	p := &procedure.Poll{
		Options: n.get("options").text(), Own: n.get("own").text(), OwnChoice: n.get("own-choice").truth(), Roll: n.get("roll").text(),
		Closes: n.get("closes").text(), Winners: n.get("winners").number(), Formula: n.get("formula").text(), PublicCap: 1,
		Order: poll.Order(n.get("order").text()), Open: n.get("open-ballots").truth(), Into: n.get("into").text(),
		Missing: n.get("missing").text(), Else: n.get("else").text(),
		Choices: poll.Choices{Min: max(1, n.get("choices").get("least").number()), Max: n.get("choices").get("most").number()},
	}
	needs := []string{"closes", "choices", "winners", "else"}
	if p.Roll != "" { // the public can object only while it can be told who voted
		needs = append(needs, "objections")
	}
	for _, need := range needs {
		if n.get(need) == nil {
			w.add(n.at, "missing-key", args{"key": need})
		}
	}
	p.Review = w.pollTerm(n, "review")
	p.Objections = w.pollTerm(n, "objections")
	w.entryField(n.get("own"), w.list(n, "options"))
	w.list(n, "into")
	if roll := n.get("roll"); roll != nil {
		entry := w.listNamed(roll, roll.text())
		for _, name := range []string{"unit", "eligible"} {
			w.entryField(&node{at: roll.at, scalar: name}, entry)
		}
	}
	w.units(n.get("missing"))
	w.known(n.get("else"))
	if opens := n.get("opens"); opens != nil {
		p.Opens = w.moment(opens)
	}
	if limit := w.closes(n.get("closes"), s); limit != nil && limit.From != s.Key+".opened" {
		w.add(n.get("closes").at, "poll-window", args{"limit": limit.Key, "mark": s.Key + ".opened"})
	}
	if p.Enough = n.get("enough").number(); p.Enough == 0 {
		p.Enough = p.Winners + 1 // else all would win
	}
	if p.Choices.Max < p.Choices.Min {
		w.add(n.keyAt("choices"), "poll-choices", nil)
	}
	if cap := n.get("public-cap"); cap != nil {
		p.PublicCap = cap.float()
	}
	if p.Order == "" {
		p.Order = poll.OrderScore
	}
	for _, rule := range n.get("ties").texts() {
		p.Ties = append(p.Ties, poll.Rule(rule))
	}
	if len(p.Ties) == 0 {
		p.Ties = []poll.Rule{poll.RulePublic, poll.RuleUnit, poll.RuleEarlier, poll.RuleDraw}
	}
	if slices.Index(p.Ties, poll.RuleDraw) != len(p.Ties)-1 {
		w.add(n.keyAt("ties"), "poll-ties", nil)
	}
	if p.Formula == "" {
		if p.Formula = formulaUnits; p.Roll != "" {
			p.Formula = formulaBoth
		}
	}
	if err := poll.CheckFormula(p.Formula); err != nil {
		w.add(n.keyAt("formula"), "bad-formula", args{"detail": expressionDetail(err, "shares")})
	}
	return p
}

// pollTerm is one of a vote's own terms.
func (w *work) pollTerm(n *node, key string) *procedure.PollTerm {
	term := n.get(key)
	if term == nil {
		return nil
	}
	within := term.get("within")
	if within == nil {
		w.add(term.at, "missing-key", args{"key": "within"})
	}
	t := &procedure.PollTerm{Within: w.duration(within), Authority: w.term(term, procedure.Authority{})}
	w.founded(t.Authority, term.at, key)
	return t
}

// moment is a term or a day.
func (w *work) moment(n *node) *procedure.Wait {
	m := &procedure.Wait{Field: n.get("field").text(), On: strings.Join(n.get("on").texts(), ",")}
	if n.get("for") != nil {
		d := w.duration(n.get("for"))
		m.For = &d
	}
	w.date(n.get("field"))
	w.day(n.get("on"))
	if len(n.entries) != 1 {
		w.add(n.at, "wait-not-one", nil)
	}
	return m
}

func (w *work) score(n *node, s *procedure.Stage) *procedure.Score {
	sc := &procedure.Score{Each: n.get("each").text(), Own: n.get("own").text(), Measures: n.get("measures").text(),
		Formula: n.get("formula").text(), Card: n.get("card").text(), Into: n.get("into").text(), Missing: n.get("missing").text(),
		Closes: n.get("closes").text()}
	for _, need := range []string{"each", "card"} {
		if n.get(need) == nil {
			w.add(n.at, "missing-key", args{"key": need})
		}
	}
	if n.get("each") != nil {
		w.entryField(n.get("own"), w.whom(n.get("each")))
	}
	for _, e := range entries(n.get("indicators")) {
		sc.Indicators = append(sc.Indicators, procedure.Indicator{Key: e.key, Title: e.val.get("title").text(),
			Min: e.val.get("min").float(), Max: e.val.get("max").float()})
	}
	if (len(sc.Indicators) > 0) == (sc.Measures != "") {
		w.add(n.at, "score-not-one", nil)
	}
	if measures := n.get("measures"); measures != nil {
		entry := w.listNamed(measures, measures.text())
		for _, name := range []string{"title", "max"} {
			w.entryField(&node{at: measures.at, scalar: name}, entry)
		}
	}
	w.list(n, "into")
	w.units(n.get("missing"))
	w.closes(n.get("closes"), s)
	if sc.Formula != "" {
		if err := procedure.CheckScore(sc.Formula); err != nil {
			w.add(n.keyAt("formula"), "bad-formula", args{"detail": expressionDetail(err, "score")})
		}
	}
	return sc
}

func (w *work) draw(n *node) *procedure.Draw {
	d := &procedure.Draw{Seed: n.get("seed").text(), From: n.get("from").text(), Each: n.get("each").text(),
		Without: n.get("without").text(), Along: n.get("along").truth(), Take: n.get("take").number(), Named: n.get("named").number(), Into: n.get("into").text()}
	if n.get("seed") == nil {
		w.add(n.at, "missing-key", args{"key": "seed"})
	}
	if n.get("from") == nil {
		return d
	}
	w.whom(n.get("from"))
	for _, need := range []string{"take", "into"} {
		if n.get(need) == nil {
			w.add(n.at, "missing-key", args{"key": need})
		}
	}
	if n.get("into") != nil {
		w.list(n, "into")
	}
	if each := n.get("each"); each != nil {
		w.whom(each)
	}
	if n.get("named") != nil && n.get("without") == nil {
		w.add(n.keyAt("named"), "missing-key", args{"key": "without"})
	}
	if without := n.get("without"); without != nil {
		field, named, _ := strings.Cut(without.text(), ".")
		w.entryField(&node{at: without.at, scalar: named}, w.listNamed(without, field))
	}
	return d
}

// begins reads on which days a matter begins by itself.
func (w *work) begins(n *node) {
	if n == nil {
		return
	}
	b := &procedure.Begins{On: n.get("on").texts(), As: n.get("as").text(), Title: n.get("title").text(), Authority: w.term(n, procedure.Authority{})}
	w.founded(b.Authority, w.node.keyAt("begins"), "begins")
	for _, need := range []string{"on", "as", "title"} {
		if n.get(need) == nil {
			w.add(w.node.keyAt("begins"), "missing-key", args{"key": need})
		}
	}
	w.day(n.get("on"))
	w.dated(n.get("title"))
	if as := n.get("as"); as != nil {
		w.party(as, b.As)
		if party, ok := w.p.Parties[b.As]; ok && party.Unit == "" {
			w.add(as.at, "begins-as", args{"party": b.As})
		}
	}
	for _, e := range entries(n.get("form")) {
		w.hasField(&node{at: e.at, scalar: e.key})
		w.dated(e.val)
		if b.Form == nil {
			b.Form = map[string]string{}
		}
		b.Form[e.key] = e.val.text()
	}
	for _, e := range entries(n.get("gather")) {
		w.listNamed(&node{at: e.at}, e.key)
		if b.Gather == nil {
			b.Gather = map[string]procedure.Earlier{}
		}
		b.Gather[e.key] = procedure.Earlier{Procedure: e.val.get("procedure").text(), Field: e.val.get("field").text()}
	}
	w.p.Begins = b
}

// cards adds to a form the field in which each score stage's cards come: a row for each subject with a mark for each
// indicator, or a row for each mark where the indicators are the form's own.
func (w *work) cards(form *node) *node {
	for _, e := range entries(w.node.get("stages")) {
		score := e.val.get("score")
		name := score.get("card").text()
		if name == "" {
			continue
		}
		if form.get("properties").get(name) != nil {
			w.add(score.keyAt("card"), "duplicate-key", args{"key": name})
			continue
		}
		say := func(key string) *node { return leaf(e.at, message.Text("rulebook.card."+key, nil)) }
		row := []entry{
			{"subject", e.at, object(e.at, entry{"type", e.at, leaf(e.at, "string")}, entry{"title", e.at, say("subject")}, entry{"x-given", e.at, leaf(e.at, true)})},
			{"title", e.at, object(e.at, entry{"type", e.at, leaf(e.at, "string")}, entry{"title", e.at, say("title")}, entry{"x-given", e.at, leaf(e.at, true)})},
		}
		for _, i := range entries(score.get("indicators")) {
			mark := object(i.at, entry{"type", i.at, leaf(i.at, "number")}, entry{"title", i.at, leaf(i.at, i.val.get("title").text())},
				entry{"minimum", i.at, leaf(i.at, i.val.get("min").float())}, entry{"maximum", i.at, leaf(i.at, i.val.get("max").float())})
			row = append(row, entry{i.key, i.at, mark})
		}
		if score.get("measures") != nil {
			row = append(row,
				entry{"indicator", e.at, object(e.at, entry{"type", e.at, leaf(e.at, "string")}, entry{"title", e.at, say("indicator")}, entry{"x-given", e.at, leaf(e.at, true)})},
				entry{"max", e.at, object(e.at, entry{"type", e.at, leaf(e.at, "number")}, entry{"title", e.at, say("max")}, entry{"x-given", e.at, leaf(e.at, true)})},
				entry{"mark", e.at, object(e.at, entry{"type", e.at, leaf(e.at, "number")}, entry{"title", e.at, say("mark")}, entry{"minimum", e.at, leaf(e.at, int64(0))})})
		}
		items := object(e.at, entry{"type", e.at, leaf(e.at, "object")},
			entry{"required", e.at, &node{at: e.at, list: true, items: []*node{leaf(e.at, "subject")}}},
			entry{"additionalProperties", e.at, leaf(e.at, false)}, entry{"properties", e.at, object(e.at, row...)})
		card := object(e.at, entry{"type", e.at, leaf(e.at, "array")}, entry{"title", e.at, leaf(e.at, e.val.get("title").text())}, entry{"items", e.at, items})
		form = merge(form, nest(card, "properties", name))
	}
	return form
}

func leaf(at place, value any) *node { return &node{at: at, scalar: value} }

func object(at place, of ...entry) *node { return &node{at: at, mapping: true, entries: of} }

// taken checks that what a stage collects of its children's forms is there.
func (b *builder) taken(collect *procedure.Collect, of *form, n *node) {
	at := n.get("take")
	names := collect.Take
	if collect.Spread != "" {
		list, ok := of.field(collect.Spread)
		if !ok || list.items == nil {
			b.add(n.get("spread").at, "not-a-list", args{"field": collect.Spread, "known": join(of.names())})
			return
		}
		of = list.items
	}
	for _, name := range names {
		if _, ok := of.field(name); !ok {
			b.add(at.at, "unknown-field", args{"field": name, "known": join(of.names())})
		}
	}
}
