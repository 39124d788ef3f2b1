package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"duban/api"
	"duban/internal/calendar"
	"duban/internal/client"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

const (
	book    = "zibo-city"
	kind    = "innovation-proposal"
	begins  = "2027-01-05" // within the yearly window
	pace    = 2            // a clock of its own, because the window is rarely open; too slow for any alarm
	casts   = 8            // units that propose
	office  = "office"
	summary = "企业凭一个电子码即可在全市检验检测、技术咨询机构兑付创新券"
)

// cast are the units that take part, and who acts in them.
type cast struct {
	applicants []string // units that may propose
	categories []string
	groups     map[string]string // category -> special group
	logins     map[procedure.Post]string
	actors     map[procedure.Post]procedure.Actor
	days       calendar.Table
}

func post(unit, role string) procedure.Post { return procedure.Post(unit + "/" + role) }

// gather finds the cast in the rulebook and in the record.
func (b *bench) gather(ctx context.Context) (cast, error) {
	p, ok := b.Library.Procedure(book, kind)
	if !ok {
		return cast{}, fmt.Errorf("bench: no procedure %s/%s", book, kind)
	}
	days, err := b.Store.Calendar(ctx)
	if err != nil {
		return cast{}, err
	}
	c := cast{groups: p.Parties["group"].Map, categories: slices.Sorted(maps.Keys(p.Parties["group"].Map)),
		logins: map[procedure.Post]string{}, actors: map[procedure.Post]procedure.Actor{}, days: days}
	people, err := b.people(ctx)
	if err != nil {
		return cast{}, err
	}
	for _, o := range b.Library.Organisations() {
		for _, held := range o.Posts {
			at := post(held.Unit, held.Role)
			if who, ok := people[held.Login]; ok {
				who.Posts = []procedure.Post{at}
				c.logins[at], c.actors[at] = held.Login, who
			}
		}
		for _, u := range o.Units {
			clerk := c.actors[post(u.ID, "clerk")]
			if len(c.applicants) < casts && clerk.Person != "" && b.Library.MayStart(book, kind, u.ID, clerk) == nil {
				c.applicants = append(c.applicants, u.ID)
			}
		}
	}
	if len(c.applicants) == 0 || len(c.categories) == 0 {
		return cast{}, errors.New("bench: nobody may propose; are the invented persons entered?")
	}
	return c, nil
}

// people are the persons entered, by login.
func (b *bench) people(ctx context.Context) (map[string]procedure.Actor, error) {
	people := map[string]procedure.Actor{}
	rows, err := b.Store.Pool().Query(ctx, `SELECT login, id::text, name FROM person`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var login string
		var who procedure.Actor
		if err := rows.Scan(&login, &who.Person, &who.Name); err != nil {
			return nil, err
		}
		people[login] = who
	}
	return people, rows.Err()
}

// proposal is one matter's part of the load: who brings it, and who carries it on.
type proposal struct {
	unit, category string
	title          string
	form           api.Form
	steps          []step
}

// step is one action after the first.
type step struct {
	by     procedure.Post
	fields api.Form
}

// updates is how many updates a proposal is: its start, and the steps to the office's second review.
const updates = 5

// proposal gives client's next one.
func (b *bench) proposal(client int) proposal {
	c := &b.cast
	p := proposal{unit: c.applicants[client%len(c.applicants)], category: c.categories[client%len(c.categories)]}
	p.title = "科技创新券一码通兑（压测）"
	p.form = api.Form{"category": text(p.category), "kind": text("practice"), "summary": text(summary),
		"measures": text("统一兑付平台，免申即享，按月公示")}
	for _, principle := range []string{"peopleFirst", "fourBenefits", "keyPoints", "problemDriven", "informatised"} {
		p.form[principle] = json.RawMessage("true")
	}
	group := c.groups[p.category]
	p.steps = []step{
		{by: post(p.unit, "head")},
		{by: post(group, "liaison"), fields: api.Form{"groupOpinion": text("做法成熟，建议列入")}},
		{by: post(group, "leader")},
		{by: post(office, "clerk"), fields: api.Form{"officeOpinion": text("建议补充跨区县结算办法")}},
	}
	return p
}

func text(s string) json.RawMessage {
	data, _ := json.Marshal(s) // a string always can
	return data
}

// spec opens the proposal on a clock, as the API does.
func (b *bench) spec(p proposal, clock procedure.Clock) (procedure.Spec, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return procedure.Spec{}, err
	}
	return b.Library.Open(rulebook.Request{Matter: id.String(), Rulebook: book, Procedure: kind, Title: p.title, Form: p.form,
		Unit: p.unit, Starter: b.cast.actors[post(p.unit, "clerk")], At: clock.Virtual(time.Now()).UTC(), Clock: clock, Calendar: b.cast.days})
}

// start is the command a matter of the proposal begins with.
func (b *bench) start(p proposal, submit bool) procedure.Command {
	return procedure.Command{Key: client.Key(), Action: procedure.ActionStart, Actor: b.cast.actors[post(p.unit, "clerk")], Submit: submit}
}

// approve is the command of a step.
func (b *bench) approve(s step) procedure.Command {
	return procedure.Command{Key: client.Key(), Action: procedure.ActionApprove, Actor: b.cast.actors[s.by], Fields: s.fields}
}

// clockAt is a clock so many times as fast as the wall's that shows an instant when the wall shows another.
func clockAt(wall, shows time.Time, factor int) procedure.Clock {
	return procedure.Clock{Start: wall.Add(-shows.Sub(wall) / time.Duration(factor-1)), Factor: factor}
}
