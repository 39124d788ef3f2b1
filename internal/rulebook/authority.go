package rulebook

import (
	"regexp"
	"strconv"
	"strings"

	"duban/internal/procedure"
)

// extent is how far a regulation's articles go, so that a citation can be checked.
type extent struct {
	articles   int
	paragraphs map[int]int // article -> its numbered paragraphs
}

// Citation is one article a rule names, as "001 art. 5(3)" does.
type Citation struct {
	Document  string
	Article   int
	Paragraph int // 0: the article as a whole
}

var citation = regexp.MustCompile(`^([0-9a-z-]+) art\. ([1-9][0-9]*)(?:\(([1-9][0-9]*)\))?$`)

// ParseCitation reads "001 art. 5(3)" or "001 art. 18".
func ParseCitation(s string) (Citation, bool) {
	m := citation.FindStringSubmatch(s)
	if m == nil {
		return Citation{}, false
	}
	article, err := strconv.Atoi(m[2])
	if err != nil {
		return Citation{}, false
	}
	paragraph, err := strconv.Atoi("0" + m[3])
	return Citation{m[1], article, paragraph}, err == nil
}

func (c Citation) String() string {
	s := c.Document + " art. " + strconv.Itoa(c.Article)
	if c.Paragraph > 0 {
		s += "(" + strconv.Itoa(c.Paragraph) + ")"
	}
	return s
}

// Citations are the articles an authority names; it may name several, parted by "; ".
func Citations(a procedure.Authority) []Citation {
	var all []Citation
	for _, s := range strings.Split(a.Source, "; ") {
		if c, ok := ParseCitation(s); ok {
			all = append(all, c)
		}
	}
	return all
}

func readExtents(documents *node) map[string]extent {
	all := map[string]extent{}
	if documents == nil {
		return all
	}
	for _, e := range documents.entries {
		x := extent{e.val.get("articles").number(), map[int]int{}}
		if paragraphs := e.val.get("paragraphs"); paragraphs != nil {
			for _, p := range paragraphs.entries {
				if n, err := strconv.Atoi(p.key); err == nil {
					x.paragraphs[n] = p.val.number()
				}
			}
		}
		all[e.key] = x
	}
	return all
}

// cited checks the articles under a node's source key against the documents and joins them.
func (c *compiler) cited(n *node, add report) string {
	source := n.get("source")
	for _, item := range source.each() {
		cite, ok := ParseCitation(item.text())
		if !ok {
			add(item.at, "bad-source", args{"source": item.text()})
			continue
		}
		document, known := c.book.extent[cite.Document]
		switch {
		case !known:
			add(item.at, "unknown-document", args{"document": cite.Document, "known": join(sortedKeys(c.book.extent))})
		case cite.Article > document.articles:
			add(item.at, "unknown-article", args{"source": item.text(), "document": cite.Document, "articles": document.articles})
		case cite.Paragraph > document.paragraphs[cite.Article]:
			add(item.at, "unknown-paragraph", args{"source": item.text(), "paragraphs": document.paragraphs[cite.Article]})
		}
	}
	return strings.Join(source.texts(), "; ")
}

// report takes note of something wrong.
type report func(at place, code string, a args)

// rests is what a stage or procedure rests on: its article, or the office where no article speaks.
func (c *compiler) rests(n *node, add report) procedure.Authority {
	if source := c.cited(n, add); source != "" {
		return procedure.Authority{Source: source}
	}
	return procedure.Authority{SetBy: n.get("set-by").text()}
}

// term is what a term, alarm or amount rests on: the office where it says so, else its article, else what it belongs to.
func (c *compiler) term(n *node, of procedure.Authority, add report) procedure.Authority {
	source := c.cited(n, add)
	switch set := n.get("set-by").text(); {
	case set != "":
		return procedure.Authority{SetBy: set}
	case source != "":
		return procedure.Authority{Source: source}
	}
	return of
}

// founded reports a rule that names neither an article nor who set it.
func founded(a procedure.Authority, at place, what string, add report) {
	if a == (procedure.Authority{}) {
		add(at, "no-authority", args{"rule": what})
	}
}

func (w *work) rests(n *node) procedure.Authority { return w.compiler.rests(n, w.add) }

func (w *work) term(n *node, of procedure.Authority) procedure.Authority {
	return w.compiler.term(n, of, w.add)
}

func (w *work) founded(a procedure.Authority, at place, what string) { founded(a, at, what, w.add) }
