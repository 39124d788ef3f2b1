// Package rules keeps the rulebooks in force: it takes them from the database, puts changes in force there, and follows
// what other processes put in force.
package rules

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// Keeper keeps a process's shelf as the database has it.
type Keeper struct {
	store   *store.Store
	shelf   *rulebook.Shelf
	shipped rulebook.Sources // that came with the program: organisations, and the first versions of rulebooks
	log     *slog.Logger
	reading sync.Mutex // of what is in force: the last to look is the last to say
}

// NewKeeper makes the keeper of a shelf that holds the library that came with the program.
func NewKeeper(s *store.Store, shelf *rulebook.Shelf, log *slog.Logger) *Keeper {
	return &Keeper{store: s, shelf: shelf, shipped: shelf.Library().Sources(), log: log}
}

// Open puts on the shelf what is in force. A rulebook that has no version in force yet begins with the one that came with
// the program; another version than the one in force is noted, and is not taken over: that is for a change of the rules.
// The error is [rulebook.Problems] where what is in force can no longer be read together.
func (k *Keeper) Open(ctx context.Context) error {
	texts, err := k.texts(ctx)
	if err != nil {
		return err
	}
	sources, _, err := k.amended(ctx)
	if err != nil {
		return err
	}
	library, err := k.read(sources.With(texts))
	if err != nil {
		return err
	}
	brought := k.shipped.Rulebooks()
	var first []store.Rulebook
	for _, book := range library.Rulebooks() {
		switch inForce, ok := texts[book.Key]; {
		case !ok:
			first = append(first, row(library, book))
		case brought[book.Key] != "" && brought[book.Key] != inForce:
			k.log.Warn("the program brings another text of a rulebook than the one in force, which stays; see the rules page",
				slog.String("rulebook", book.Key), slog.String("version", book.Version))
		}
	}
	if err := k.store.Ship(ctx, brought, first); err != nil {
		return err
	}
	return k.Reload(ctx) // another process may have been first
}

// Furnish brings the organisations in the database up to what is in force: the files' with the amendments made.
func (k *Keeper) Furnish(ctx context.Context) error {
	for range attempts {
		texts, err := k.texts(ctx)
		if err != nil {
			return err
		}
		sources, known, err := k.amended(ctx)
		if err != nil {
			return err
		}
		library, err := k.read(sources.With(texts))
		if err != nil {
			return err
		}
		if err := k.store.KeepOrganisations(ctx, known, library.Organisations()); !errors.Is(err, store.ErrRulesMoved) {
			return err
		}
	}
	return store.ErrRulesMoved
}

// amended are the files that came with the program, with the amendments of organisations in force made, and how many these
// are. One that no longer can be made, because the program came with other files, is noted and left out.
func (k *Keeper) amended(ctx context.Context) (sources rulebook.Sources, known int, err error) {
	made, err := k.store.Amendments(ctx)
	if err != nil {
		return nil, 0, err
	}
	sources = k.shipped
	for _, a := range made {
		next, err := sources.Amend(a)
		var refusal *procedure.Refusal
		switch {
		case errors.As(err, &refusal):
			k.log.Warn("an amendment of an organisation no longer fits what the program brings, and is left out",
				slog.String("organisation", a.Organisation), slog.String("unit", a.Unit), slog.String("code", refusal.Code))
		case err != nil:
			return nil, 0, err
		default:
			sources = next
		}
	}
	return sources, len(made), nil
}

// Amend says what would come of an amendment of an organisation: the organisations as they would be. The error is a
// [*procedure.Refusal]; rules-need-unit where the rules in force name a unit that would be gone, or a role it would lack.
func (k *Keeper) Amend(ctx context.Context, a rulebook.Amendment) (organisations []*rulebook.Organisation, known int, err error) {
	texts, err := k.texts(ctx)
	if err != nil {
		return nil, 0, err
	}
	sources, known, err := k.amended(ctx)
	if err != nil {
		return nil, 0, err
	}
	if sources, err = sources.Amend(a); err != nil {
		return nil, 0, err
	}
	library, err := k.read(sources.With(texts))
	var found rulebook.Problems
	if errors.As(err, &found) {
		return nil, 0, &procedure.Refusal{Code: "rules-need-unit", Input: true, Args: map[string]any{"first": found[0].Message, "count": len(found)}}
	}
	if err != nil {
		return nil, 0, err
	}
	return library.Organisations(), known, nil
}

// Organise puts a proposed change of an organisation in force.
func (k *Keeper) Organise(ctx context.Context, change store.OrganisationChange, by string, now time.Time) error {
	for range attempts {
		organisations, known, err := k.Amend(ctx, change.Amendment)
		if err != nil {
			return err
		}
		err = k.store.ConfirmOrganisationChange(ctx, change.ID, by, now, known, organisations)
		if errors.Is(err, store.ErrRulesMoved) {
			continue
		}
		if err != nil {
			return err
		}
		if err := k.Reload(ctx); err != nil { // it is in force all the same; the announcement brings it here too
			k.log.Warn("the organisation just amended cannot be taken over yet", slog.Any("error", err))
		}
		return nil
	}
	return store.ErrRulesMoved
}

// texts are the texts in force, by key.
func (k *Keeper) texts(ctx context.Context) (map[string]string, error) {
	books, err := k.store.RulesInForce(ctx)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, book := range books {
		texts[book.Key] = book.Text
	}
	return texts, nil
}

// read is the library of some sources: the one on the shelf, where it is made of the same.
func (k *Keeper) read(sources rulebook.Sources) (*rulebook.Library, error) {
	if held := k.shelf.Library(); maps.Equal(sources, held.Sources()) {
		return held, nil
	}
	return sources.Load()
}

// Reload puts on the shelf what is in force now.
func (k *Keeper) Reload(ctx context.Context) error {
	k.reading.Lock()
	defer k.reading.Unlock()
	texts, err := k.texts(ctx)
	if err != nil {
		return err
	}
	sources, _, err := k.amended(ctx)
	if err != nil {
		return err
	}
	library, err := k.read(sources.With(texts))
	if err != nil || library == k.shelf.Library() {
		return err
	}
	k.shelf.Replace(library)
	for _, book := range library.Rulebooks() {
		k.log.Info("rules in force", slog.String("rulebook", book.Key), slog.String("version", book.Version))
	}
	return nil
}

// lookEvery is how often a keeper looks although nothing was announced.
const lookEvery = time.Minute

// Run follows, until ctx ends, what any process puts in force. Once it is on the shelf, and not before, those who show
// what follows from the rules are told to read it anew, also where the announcement itself was missed.
func (k *Keeper) Run(ctx context.Context, hub *store.Hub) {
	changes, cancel := hub.Subscribe()
	defer cancel()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	told := k.shelf.Library()
	for {
		var change store.Announcement
		select {
		case <-ctx.Done():
			return
		case change = <-changes:
			if !change.Rules && !change.Missed() {
				continue
			}
		case <-look.C:
		}
		if err := k.Reload(ctx); err != nil && ctx.Err() == nil {
			k.log.Error("the rules in force cannot be taken over; those before go on", slog.Any("error", err))
		}
		if library := k.shelf.Library(); change.Rules || library != told {
			told = library
			hub.Reset()
		}
	}
}

// attempts is how often a change is looked at anew because other rules changed meanwhile.
const attempts = 5

// Enact puts a change in force, once however often it is asked, and answers from which version on, or why it cannot be. An
// error says that this could not be found out.
func (k *Keeper) Enact(ctx context.Context, matter, book, id string, rehearsal bool) (procedure.Enacted, error) {
	change, err := k.store.RulebookChange(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return refuse(id, "change-unknown", nil), nil
	case err != nil:
		return procedure.Enacted{}, err
	case change.Rulebook != book:
		return refuse(id, "change-elsewhere", map[string]any{"rulebook": change.Rulebook}), nil
	}
	for range attempts {
		done, err := k.enact(ctx, matter, change, rehearsal)
		if !errors.Is(err, store.ErrRulesMoved) {
			return done, err
		}
	}
	return procedure.Enacted{}, store.ErrRulesMoved
}

func (k *Keeper) enact(ctx context.Context, matter string, c store.RulebookChange, rehearsal bool) (procedure.Enacted, error) {
	texts, err := k.texts(ctx)
	if err != nil {
		return procedure.Enacted{}, err
	}
	sources, _, err := k.amended(ctx)
	if err != nil {
		return procedure.Enacted{}, err
	}
	before, err := k.read(sources.With(texts))
	if err != nil {
		return procedure.Enacted{}, err
	}
	var found rulebook.Problems
	after, err := before.Try(c.Rulebook, c.Text)
	if errors.As(err, &found) { // unless it took effect before: then the base is another
		after = before
	} else if err != nil {
		return procedure.Enacted{}, err
	}
	next := store.NewRules{Matter: matter, Change: c.ID, Rulebook: c.Rulebook, Base: c.Base, Among: map[string]string{}}
	for _, book := range before.Rulebooks() {
		next.Among[book.Key] = book.Version
	}
	now, ok := before.Rulebook(c.Rulebook)
	switch {
	case !ok:
		return refuse(c.ID, "unknown-rulebook", map[string]any{"rulebook": c.Rulebook}), nil
	case len(found) > 0 && now.Version == c.Base:
		return refuse(c.ID, "rulebook-invalid", map[string]any{"first": found[0].String(), "count": len(found)}), nil
	}
	for _, key := range append([]string{c.Rulebook}, before.Heirs(c.Rulebook)...) {
		book, _ := after.Rulebook(key)
		next.Versions = append(next.Versions, row(after, book))
	}
	if rehearsal {
		if now.Version != c.Base {
			return stale(c, now.Version), nil
		}
		return procedure.Enacted{Change: c.ID, Version: next.Versions[0].Version, Rehearsal: true}, nil
	}
	version, err := k.store.Enact(ctx, next)
	switch {
	case errors.Is(err, store.ErrStaleBase):
		return stale(c, now.Version), nil
	case err != nil:
		return procedure.Enacted{}, err
	}
	if err := k.Reload(ctx); err != nil { // it is in force all the same; the announcement brings it here too
		k.log.Warn("the rules just put in force cannot be taken over yet", slog.Any("error", err))
	}
	return procedure.Enacted{Change: c.ID, Version: version}, nil
}

func refuse(change, code string, args map[string]any) procedure.Enacted {
	return procedure.Enacted{Change: change, Refusal: code, Args: args}
}

func stale(c store.RulebookChange, inForce string) procedure.Enacted {
	return refuse(c.ID, "base-not-in-force", map[string]any{"base": short(c.Base), "inForce": short(inForce)})
}

// short is a version as people compare them.
func short(version string) string { return version[:min(8, len(version))] }

// row is a rulebook as the database keeps it.
func row(library *rulebook.Library, book *rulebook.Rulebook) store.Rulebook {
	r := store.Rulebook{Key: book.Key, Version: book.Version, Title: book.Title, Text: book.Text}
	if parent, ok := library.Rulebook(book.Extends); ok {
		r.Parent = parent.Version
	}
	return r
}
