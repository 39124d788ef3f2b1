package api

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"duban/internal/rulebook"
	"duban/internal/store"
)

// shippedVersion stands in the place of a version for the text the program brings along.
const shippedVersion = "shipped"

// GetRulebookSchema gives the rulebook language's JSON Schema.
func (s *Server) GetRulebookSchema(context.Context, GetRulebookSchemaRequestObject) (GetRulebookSchemaResponseObject, error) {
	var schema map[string]any
	if err := json.Unmarshal(rulebook.Schema, &schema); err != nil {
		return nil, err
	}
	return GetRulebookSchema200JSONResponse(schema), nil
}

// ListRulebookVersions lists what was in force since when, and how many matters run under it.
func (s *Server) ListRulebookVersions(ctx context.Context, r ListRulebookVersionsRequestObject) (ListRulebookVersionsResponseObject, error) {
	who := callerOf(ctx)
	book, ok := s.library().Rulebook(r.Rulebook)
	if !ok {
		return nil, store.ErrNotFound
	}
	history, err := s.store.RulebookHistory(ctx, book.Key)
	if err != nil {
		return nil, err
	}
	running, err := s.store.RunningByVersion(ctx, book.Key)
	if err != nil {
		return nil, err
	}
	shown := RulebookVersions{Rulebook: book.Key, Title: book.Title, InForce: book.Version, Items: []RulebookVersion{}, Running: []RunningMatters{}}
	var matters []string
	for _, h := range history {
		if h.Matter != "" {
			matters = append(matters, h.Matter)
		}
	}
	visible, err := s.store.Visible(ctx, matters, who.sight())
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, matter := range visible {
		seen[matter] = true
	}
	var until time.Time
	for _, h := range history {
		item := RulebookVersion{Version: h.Version, Number: h.Number, Since: h.Since, Until: until, Cause: RulebookVersionCause(h.Cause),
			MatterTitle: h.MatterTitle, Person: h.Starter, Running: h.Running}
		if seen[h.Matter] {
			item.Matter = h.Matter
		}
		shown.Items, until = append(shown.Items, item), h.Since
	}
	for _, n := range running {
		shown.Running = append(shown.Running, RunningMatters{Version: n.Version, Procedure: n.Procedure,
			Title: s.words.procedureTitle(book.Key, n.Procedure), Matters: n.Matters})
	}
	if shown.Shipped, err = s.shipped(ctx, book, history); err != nil {
		return nil, err
	}
	shown.Change = s.mayChange(who, book)
	return ListRulebookVersions200JSONResponse(shown), nil
}

// shipped says since when the program brings along a text of the rulebook that never was in force; nothing where it does not.
func (s *Server) shipped(ctx context.Context, book *rulebook.Rulebook, history []store.History) (*RulebookVersions_Shipped, error) {
	brought, err := s.store.ShippedRulebook(ctx, book.Key)
	if isNotFound(err) || err == nil && brought.Text == book.Text {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, h := range history {
		was, err := s.store.RulebookVersion(ctx, book.Key, h.Version)
		if err != nil {
			return nil, err
		}
		if was.Text == brought.Text {
			return nil, nil // it was in force, and was changed since
		}
	}
	return &RulebookVersions_Shipped{Seen: brought.Seen}, nil
}

// mayChange says by which procedure, and for which units, the caller may propose a change of the rulebook.
func (s *Server) mayChange(who caller, book *rulebook.Rulebook) *RulebookVersions_Change {
	p, ok := book.ChangeProcedure()
	if !ok {
		return nil
	}
	units := s.startingUnits(who, p)
	if len(units) == 0 {
		return nil
	}
	field, _ := rulebook.ChangeField(p)
	return &RulebookVersions_Change{Procedure: p.Key, Title: p.Title, Field: field, Units: s.units(units)}
}

// GetRulebookVersion gives the text of a version.
func (s *Server) GetRulebookVersion(ctx context.Context, r GetRulebookVersionRequestObject) (GetRulebookVersionResponseObject, error) {
	v, err := s.version(ctx, r.Rulebook, r.Version)
	if err != nil {
		return nil, err
	}
	return GetRulebookVersion200JSONResponse{Rulebook: r.Rulebook, Version: r.Version, Title: v.title, Text: v.text}, nil
}

// version is a version with the library it can be read in: itself and those it derives from as they were then; nil where
// today's language does not take it.
type version struct {
	title, text string
	library     *rulebook.Library
}

func (s *Server) version(ctx context.Context, key, name string) (version, error) {
	library := s.library()
	book, ok := library.Rulebook(key)
	if !ok {
		return version{}, store.ErrNotFound
	}
	if name == book.Version {
		return version{book.Title, book.Text, library}, nil
	}
	texts := map[string]string{}
	if name == shippedVersion {
		brought, err := s.store.ShippedRulebook(ctx, key)
		if err != nil {
			return version{}, err
		}
		texts[key] = brought.Text
		for up := book.Extends; up != ""; {
			above, _ := library.Rulebook(up)
			texts[up], up = above.Text, above.Extends
		}
		return read(library, book.Title, key, texts), nil
	}
	was, err := s.store.RulebookVersion(ctx, key, name)
	if err != nil {
		return version{}, err
	}
	texts[key] = was.Text
	if err := s.above(ctx, book.Extends, was.Parent, texts); err != nil {
		return version{}, err
	}
	return read(library, was.Title, key, texts), nil
}

// above adds the texts a version derives from, as they were.
func (s *Server) above(ctx context.Context, key, version string, texts map[string]string) error {
	for key != "" && version != "" {
		was, err := s.store.RulebookVersion(ctx, key, version)
		if err != nil {
			return err
		}
		texts[key], version = was.Text, was.Parent
		book, ok := s.library().Rulebook(key)
		if !ok {
			return nil
		}
		key = book.Extends
	}
	return nil
}

func read(among *rulebook.Library, title, key string, texts map[string]string) version {
	v := version{title: title, text: texts[key]}
	if library, err := among.Sources().Just(texts).Load(); err == nil { // else it is only a text now
		v.library = library
	}
	return v
}

// linesAround is how many lines both texts have are shown around a difference.
const linesAround = 3

// CompareRulebookVersions says what changed from one version to another.
func (s *Server) CompareRulebookVersions(ctx context.Context, r CompareRulebookVersionsRequestObject) (CompareRulebookVersionsResponseObject, error) {
	from, err := s.version(ctx, r.Rulebook, r.Params.From)
	if err != nil {
		return nil, err
	}
	to, err := s.version(ctx, r.Rulebook, r.Params.To)
	if err != nil {
		return nil, err
	}
	differences, err := s.differences(ctx, from.library, to.library, r.Rulebook, nil)
	if err != nil {
		return nil, err
	}
	return CompareRulebookVersions200JSONResponse{Rulebook: r.Rulebook, From: r.Params.From, To: r.Params.To,
		Readable: from.library != nil && to.library != nil, Differences: differences, Lines: textLines(from.text, to.text)}, nil
}

func textLines(before, after string) []TextLine {
	shown := []TextLine{}
	for _, line := range rulebook.CompareLines(before, after, linesAround) {
		shown = append(shown, TextLine{Old: line.Old, New: line.New, Text: line.Text})
	}
	return shown
}

// differences says what changes from one library to another: of a rulebook, and of its heirs. Matters under way keep a
// procedure as it was; they are counted.
func (s *Server) differences(ctx context.Context, from, to *rulebook.Library, key string, heirs []string) ([]RulebookDifference, error) {
	shown := []RulebookDifference{}
	if from == nil || to == nil {
		return shown, nil
	}
	for _, one := range append([]string{key}, heirs...) {
		d, ok := rulebook.Compare(from, to, one)
		if !ok || len(d.Procedures) == 0 {
			continue
		}
		running, err := s.store.RunningByVersion(ctx, one)
		if err != nil {
			return nil, err
		}
		difference := RulebookDifference{Rulebook: d.Key, Title: d.Title, Procedures: []RuleDifference{}}
		for _, p := range d.Procedures {
			if now, kept := to.Procedure(one, p.Key); kept && one != key && now.Rulebook != one {
				continue // said of the rulebook it is inherited from
			}
			item := RuleDifference{Key: p.Key, Title: p.Title, Source: p.Source, How: RuleDifferenceHow(p.How), Changes: changeItems(p.Changes)}
			for _, stage := range p.Stages {
				item.Stages = append(item.Stages, RuleDifference{Key: stage.Key, Title: cmp.Or(stage.Title, stage.Key), Source: stage.Source,
					How: RuleDifferenceHow(stage.How), Changes: changeItems(stage.Changes)})
			}
			for _, n := range running {
				if n.Procedure == p.Key && p.How != rulebook.Added {
					item.Running += n.Matters
				}
			}
			difference.Procedures = append(difference.Procedures, item)
		}
		if len(difference.Procedures) > 0 {
			shown = append(shown, difference)
		}
	}
	return shown, nil
}

func changeItems(changes []rulebook.Change) []RuleChangeItem {
	items := []RuleChangeItem{}
	for _, c := range changes {
		items = append(items, RuleChangeItem{What: c.What, From: c.From, To: c.To, FromSource: c.FromSource, ToSource: c.ToSource})
	}
	return items
}
