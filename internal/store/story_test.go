package store_test

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// The posts of the story's procedure.
const (
	clerk    = procedure.Post("bureau/clerk")
	leader   = procedure.Post("group/leader")
	deputy   = procedure.Post("group/deputy")
	director = procedure.Post("office/director")
	county   = procedure.Post("county/clerk")
)

// began is a working morning.
var began = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func workdays(n int) *calendar.Duration { return &calendar.Duration{N: n, Unit: calendar.Workdays} }

// proposal is a small procedure with everything a record must cope with: a return, two approvers, terms with alarms of
// every kind, a slip that is signed for.
func proposal() procedure.Procedure {
	office := procedure.Authority{SetBy: "office"}
	allow := []procedure.ActionName{procedure.ActionComment, procedure.ActionCopy, procedure.ActionTransfer, procedure.ActionFill,
		procedure.ActionClaim, procedure.ActionAskExtension, procedure.ActionAddBefore, procedure.ActionDelegate}
	return procedure.Procedure{
		Key: "proposal", Rulebook: "test", Version: "v1", Title: "探索创新事项", Authority: office, Workflow: "InnovationProposal", First: "draft",
		Parties: map[string]procedure.Party{
			"starter": {Starter: true, Role: "clerk"}, "group": {Unit: "group", Role: "leader"},
			"office": {Unit: "office", Role: "director"}, "county": {Field: "county", Role: "clerk"},
		},
		Stages: []procedure.Stage{
			{Key: "draft", Title: "起草", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"starter/clerk"},
				Fields: []string{"summary", "county"}, Allow: allow,
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"review"}, procedure.ActionWithdraw: {procedure.Closed}}},
			{Key: "review", Title: "初审", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"group/leader", "group/deputy"},
				Mode: procedure.ModeAll, Fields: []string{"summary"}, Allow: allow,
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"decide"}, procedure.ActionReturn: {"draft"}, procedure.ActionReject: {procedure.Closed}},
				Extend:  &procedure.Extension{By: []procedure.Role{"office/director"}, Max: *workdays(10), Times: 2, Authority: office},
				Suspend: &procedure.Suspending{By: []procedure.Role{"office/director"}},
				Limits: []procedure.Limit{{Key: "term", Title: "初审时限", Authority: office, Within: workdays(5), Alarms: []procedure.Alarm{
					{Before: workdays(2), Do: procedure.DoNotice, To: []procedure.Role{"holder"}, Authority: office},
					{At: "due", Do: procedure.DoUrge, To: []procedure.Role{"holder"}, Authority: office},
					{After: workdays(2), Do: procedure.DoSlip, Slip: "urging", To: []procedure.Role{"group/leader"}, Authority: office},
					{After: workdays(3), Do: procedure.DoEscalate, To: []procedure.Role{"office/director"}, Authority: office, Urgent: true},
				}}}},
			{Key: "decide", Title: "审定", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"office/director"}, Allow: allow,
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"brief"}, procedure.ActionReturn: {"draft", "review"}}},
			{Key: "brief", Title: "印发简报", Kind: procedure.KindIssue, Authority: office, Next: procedure.Closed,
				Issue: &procedure.Issue{Slip: "brief", To: []procedure.Role{"county", "group/leader"}}},
		},
		Slips: []procedure.SlipKind{
			{Key: "urging", Title: "催办单", Prefix: "改办催", From: "office", Body: "{title}应于{due}前办结。", Authority: office,
				Sign: &procedure.Limit{Key: "sign", Within: workdays(1), Authority: office}},
			{Key: "brief", Title: "简报", Prefix: "改办简", From: "office", Body: "{title}已审定。", Authority: office,
				Sign: &procedure.Limit{Key: "sign", Within: workdays(3), Authority: office}},
		},
		Urge: &procedure.Urge{By: []procedure.Role{"office/director"}, Every: *workdays(1), Authority: office},
	}
}

// matterID is a new matter's id.
func matterID() string { return uuid.Must(uuid.NewV7()).String() }

// newSpec is a matter's specification; change adjusts it.
func newSpec(title string, change ...func(*procedure.Spec)) procedure.Spec {
	spec := procedure.Spec{
		Matter: matterID(), Title: title, Procedure: proposal(), Calendar: calendar.Calendar{Table: calendar.Shipped().Slice(2026, 2027)},
		Parties: map[string][]string{"starter": {"bureau"}, "group": {"group"}, "office": {"office"}, "county": {"county"}},
		Names:   map[string]string{"bureau": "市科技局", "group": "专项小组", "office": "市改革办", "county": "张店区"},
		Form:    map[string]json.RawMessage{"summary": json.RawMessage(`"起草中"`), "county": json.RawMessage(`"county"`)},
		Unit:    "bureau", Starter: procedure.Actor{Person: uuid.NewString(), Name: "经办岗", Posts: []procedure.Post{clerk}}, At: began,
	}
	for _, f := range change {
		f(&spec)
	}
	return spec
}

// story plays a matter on the machine itself and keeps its events.
type story struct {
	spec   procedure.Spec
	state  procedure.State
	events []procedure.Event
	now    time.Time
}

func newStory(spec procedure.Spec) *story {
	return &story{spec: spec, state: procedure.New(spec), now: spec.At}
}

func (s *story) take(events []procedure.Event) {
	s.state = procedure.Fold(s.state, events)
	s.events = append(s.events, events...)
}

// try lets the actor act; a refusal changes nothing.
func (s *story) try(c procedure.Command) error {
	if c.Key == "" {
		c.Key = uuid.NewString()
	}
	events, err := procedure.Decide(s.state, c, s.now)
	if err == nil {
		s.take(events)
	}
	return err
}

// wait lets time pass, and the clock do what it does.
func (s *story) wait(d time.Duration) {
	end := s.now.Add(d)
	for at := procedure.Wake(s.state); !at.IsZero() && !at.After(end); at = procedure.Wake(s.state) {
		if at.After(s.now) {
			s.now = at
		}
		s.take(procedure.Elapse(s.state, s.now))
	}
	s.now = end
}

func by(post procedure.Post) procedure.Actor {
	return procedure.Actor{Person: uuid.NewSHA1(uuid.NameSpaceOID, []byte(post)).String(), Name: string(post), Posts: []procedure.Post{post}}
}

func (s *story) start(submit bool) error {
	return s.try(procedure.Command{Action: procedure.ActionStart, Actor: s.spec.Starter, Submit: submit})
}

// finished is a matter from start to end: late, urged, escalated, returned, approved, issued and signed for.
func finished(t require.TestingT, spec procedure.Spec) *story {
	s := newStory(spec)
	do := func(action procedure.ActionName, post procedure.Post, change ...func(*procedure.Command)) {
		c := procedure.Command{Action: action, Actor: by(post)}
		for _, f := range change {
			f(&c)
		}
		require.NoError(t, s.try(c), "%s by %s", action, post)
	}
	opinion := func(c *procedure.Command) { c.Opinion = "请补充" }
	require.NoError(t, s.start(true))
	s.wait(time.Hour)
	do(procedure.ActionApprove, leader)
	do(procedure.ActionReturn, deputy, opinion)
	do(procedure.ActionApprove, clerk, func(c *procedure.Command) {
		c.Fields = map[string]json.RawMessage{"summary": json.RawMessage(`"充实后的5G基站共享方案"`)}
	})
	s.wait(12 * 24 * time.Hour)
	do(procedure.ActionCopy, leader, func(c *procedure.Command) { c.Posts = []procedure.Post{"archive/clerk"} })
	do(procedure.ActionApprove, leader)
	do(procedure.ActionApprove, deputy)
	do(procedure.ActionApprove, director)
	for _, slip := range s.state.Slips {
		for _, post := range slip.To {
			do(procedure.ActionSign, post, func(c *procedure.Command) { c.Slip = slip.Slip })
		}
	}
	require.True(t, procedure.Finished(s.state))
	return s
}

// newStarted is a matter under way.
func newStarted(t require.TestingT) *story {
	s := newStory(newSpec("发起"))
	require.NoError(t, s.start(true))
	return s
}

// randomStory plays whatever the draw says, refusals and all.
func randomStory(t *rapid.T, spec procedure.Spec) *story {
	s := newStory(spec)
	require.NoError(t, s.start(rapid.Bool().Draw(t, "submit")))
	actions := []procedure.ActionName{procedure.ActionApprove, procedure.ActionApprove, procedure.ActionReturn, procedure.ActionReject,
		procedure.ActionWithdraw, procedure.ActionFill, procedure.ActionTransfer, procedure.ActionDelegate, procedure.ActionAddBefore,
		procedure.ActionClaim, procedure.ActionComment, procedure.ActionCopy, procedure.ActionUrge, procedure.ActionAskExtension,
		procedure.ActionGrantExtension, procedure.ActionSuspend, procedure.ActionResume, procedure.ActionSign, procedure.ActionAcknowledge}
	posts := []procedure.Post{clerk, leader, deputy, director, county}
	for range rapid.IntRange(0, 15).Draw(t, "steps") {
		c := procedure.Command{Action: rapid.SampledFrom(actions).Draw(t, "action"), Actor: by(rapid.SampledFrom(posts).Draw(t, "by")),
			Opinion: "意见", Post: rapid.SampledFrom(posts).Draw(t, "post"), Posts: []procedure.Post{"archive/clerk"}, Days: 2}
		if c.Action == procedure.ActionFill {
			c.Fields = map[string]json.RawMessage{"summary": json.RawMessage(`"` + rapid.StringMatching(`[a-z一-龥]{0,8}`).Draw(t, "summary") + `"`)}
		}
		var refused *procedure.Refusal
		if err := s.try(c); err != nil {
			require.ErrorAs(t, err, &refused)
		}
		s.wait(time.Duration(rapid.IntRange(0, 96).Draw(t, "hours")) * time.Hour)
	}
	return s
}

func asJSON(t require.TestingT, v any) string {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}
