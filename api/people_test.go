package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
)

// A person leaves: what is left behind is shown first, then goes over in one piece, and the successor acts at once.
func TestADepartureHandsThePostsOn(t *testing.T) {
	w := newWorld(t)
	security, admin := w.as("secadmin"), w.as("sysadmin")
	leaver := w.as("boshan.clerk")
	body := proposal()
	body["submit"] = false
	m := leaver.started(body)
	me := read[api.Me](leaver.get("/api/v1/me").is(http.StatusOK))
	head := read[api.Me](w.as("boshan.head").get("/api/v1/me").is(http.StatusOK))
	leaver.post("/api/v1/people/"+me.Person.ID+"/deputies",
		map[string]any{"post": "boshan/clerk", "deputy": head.Person.ID, "to": w.clock.read().Add(48 * time.Hour)}).is(http.StatusCreated)
	entered := read[api.CreatedPerson](admin.post("/api/v1/people", map[string]any{"login": "boshan.second", "name": "接任经办人"}).is(http.StatusCreated))
	w.anybody().post("/api/v1/activations", map[string]string{"token": entered.Activation.Token, "password": "Zb-2026-Xin-Mima"}).is(http.StatusNoContent)

	path := "/api/v1/people/" + me.Person.ID + "/departure"
	left := read[api.Departure](security.get(path).is(http.StatusOK))
	require.Len(t, left.Posts, 1)
	require.Equal(t, "boshan/clerk", left.Posts[0].Post)
	require.Equal(t, 1, left.Posts[0].Waiting, "the draft of %s", m.ID)
	require.Empty(t, left.Posts[0].Others, "a deputy is no holder")
	require.Len(t, left.Deputies, 1)
	require.Equal(t, head.Person, left.Deputies[0].Deputy)
	require.Equal(t, me.Person, left.Deputies[0].For)

	to := func(post, person string) map[string]any {
		return map[string]any{"reason": "工作调动", "successors": map[string]string{post: person}}
	}
	security.post(path, to("boshan/clerk", me.Person.ID)).refused(http.StatusUnprocessableEntity, "successor-self")
	security.post(path, to("linzi/clerk", entered.Person.ID)).refused(http.StatusUnprocessableEntity, "successor-not-left")
	leaver.get("/api/v1/matters/" + m.ID).is(http.StatusOK) // nothing was half done
	security.post(path, to("boshan/clerk", entered.Person.ID)).is(http.StatusOK)
	security.post(path, to("boshan/clerk", entered.Person.ID)).refused(http.StatusConflict, "departure-no-posts")

	leaver.get("/api/v1/matters/"+m.ID).refused(http.StatusNotFound, "not-found")
	successor := w.anybody()
	successor.post("/api/v1/sessions", map[string]string{"login": "boshan.second", "password": "Zb-2026-Xin-Mima"}).is(http.StatusCreated)
	require.Equal(t, 1, read[api.Me](successor.get("/api/v1/me").is(http.StatusOK)).Counts.Total)
	require.Empty(t, read[api.Departure](security.get(path).is(http.StatusOK)).Deputies)

	sessions := read[api.SessionList](admin.get("/api/v1/people/" + me.Person.ID + "/sessions").is(http.StatusOK)).Items
	require.Len(t, sessions, 1)
	admin.do(http.MethodDelete, "/api/v1/people/"+me.Person.ID+"/sessions/"+sessions[0].ID, nil, nil).is(http.StatusNoContent)
	leaver.get("/api/v1/me").refused(http.StatusUnauthorized, "session-expired")

	renamed := read[api.Person](admin.send(http.MethodPut, "/api/v1/people/"+entered.Person.ID, map[string]any{"name": "新任经办人"}, nil).is(http.StatusOK))
	require.Equal(t, "新任经办人", renamed.Name)

	trail := read[api.AuditList](w.as("auditor").get("/api/v1/audit?action=depart&limit=2").is(http.StatusOK))
	require.Len(t, trail.Items, 2)
	require.Equal(t, "departure-no-posts", trail.Items[0].Outcome)
	require.Equal(t, "成功", trail.Items[1].OutcomeTitle)
	require.Equal(t, "办理离任交接", trail.Items[1].ActionTitle)
	require.Equal(t, me.Person.Name, trail.Items[1].Object)
	require.Equal(t, "工作调动", trail.Items[1].Reason)
	earlier := read[api.AuditList](w.as("auditor").get("/api/v1/audit?action=depart&limit=2&cursor=" + trail.Next).is(http.StatusOK))
	require.Equal(t, "successor-not-left", earlier.Items[0].Outcome)
}

// A year's notice is looked at before it is taken: which terms of running matters would move.
func TestAYearsNoticeIsLookedAtFirst(t *testing.T) {
	w := newWorld(t)
	admin, arrival := w.as("sysadmin"), arrived()
	arrival["pace"], arrival["begins"] = 60, "2026-12-28"
	m := w.as("office.clerk").started(arrival)
	off := map[string]string{}
	for _, day := range []string{"2027-01-04", "2027-01-05", "2027-01-06"} {
		off[day] = "元旦"
	}
	year := map[string]any{"off": off, "work": map[string]string{}}
	preview := read[api.CalendarPreview](admin.post("/api/v1/calendar/years/2027/preview", year).is(http.StatusOK))
	require.Equal(t, 1, preview.Matters)
	require.Equal(t, 1, preview.Moved, "a term that is settled where it was has not moved")
	require.Len(t, preview.Items, preview.Moved)
	require.Equal(t, m.ID, preview.Items[0].Matter)
	require.True(t, preview.Items[0].To.After(preview.Items[0].From))
	require.Equal(t, preview, read[api.CalendarPreview](admin.post("/api/v1/calendar/years/2027/preview", year).is(http.StatusOK)), "nothing moved yet")
	admin.send(http.MethodPut, "/api/v1/calendar/years/2027", year, nil).is(http.StatusOK)
	for _, y := range read[api.CalendarYearList](admin.get("/api/v1/calendar/years").is(http.StatusOK)).Items {
		waiting := 0
		if y.Year == 2027 {
			waiting = 1 // nobody tells matters here
		}
		require.Equal(t, []int{waiting, waiting}, []int{y.Told, y.Pending}, y.Year)
	}
	off["2027-13-01"] = "元旦"
	admin.post("/api/v1/calendar/years/2027/preview", year).refused(http.StatusUnprocessableEntity, "bad-year")
}

// The mail channel is tried from the page; what the server says against it is told in the reader's words.
func TestTheMailChannelIsTried(t *testing.T) {
	fault := ""
	w := newWorld(t, func(c *api.Config) {
		c.MailServer = "mail.zibo.example:465"
		c.TryMail = func(_ context.Context, _, address, _, _ string) string {
			require.Equal(t, "sysadmin@zibo.example", address)
			return fault
		}
	})
	admin := w.as("sysadmin")
	channels := read[api.ChannelList](admin.get("/api/v1/channels").is(http.StatusOK)).Items
	require.Equal(t, "mail.zibo.example:465", channels[1].Address)
	require.True(t, channels[1].On)
	try := func() api.MailTrial {
		return read[api.MailTrial](admin.post("/api/v1/channels/mail/trials", map[string]any{"to": "sysadmin@zibo.example"}).is(http.StatusOK))
	}
	require.True(t, try().Accepted)
	for _, fault = range []string{"connect", "broken", "address", "put-off 450 4.2.1", "refused 550 5.1.1"} {
		got := try()
		require.False(t, got.Accepted)
		require.NotContains(t, got.Message, "channels.", "has words")
		require.NotContains(t, got.Message, "{")
	}
}
