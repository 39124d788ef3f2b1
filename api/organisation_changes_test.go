package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
)

const changes = "/api/v1/organisations/zibo/changes"

// proposed is a change the system administrator proposes.
func proposed(w *world, change map[string]any) api.OrganisationChange {
	change["reason"] = "机构调整"
	return read[api.OrganisationChange](w.as("sysadmin").post(changes, change).is(http.StatusCreated))
}

// decided is what the security administrator makes of a change.
func decided(w *world, c api.OrganisationChange, confirm bool) api.OrganisationChange {
	return read[api.OrganisationChange](w.as("secadmin").post(changes+"/"+c.ID+"/decision", map[string]any{"confirm": confirm, "answer": "另行研究"}).is(http.StatusOK))
}

func TestUnitsAreChangedByOneAdministratorAndConfirmedByAnother(t *testing.T) {
	w := newWorld(t)
	admin, security, clerk := w.as("sysadmin"), w.as("secadmin"), w.as("education.clerk")
	m := clerk.started(proposal())
	unit := func(id string) (found api.Unit) {
		for _, u := range read[api.UnitList](admin.get("/api/v1/organisations/zibo/units").is(http.StatusOK)).Items {
			if u.ID == id {
				found = u
			}
		}
		return found
	}

	renamed := proposed(w, map[string]any{"kind": "rename", "unit": "education", "name": "市教育和体育局",
		"posts": []map[string]string{{"role": "clerk", "title": "市教育和体育局改革联络员"}}})
	require.Equal(t, "“市教育局”改名为“市教育和体育局”", renamed.Sentence)
	require.Contains(t, renamed.Effects[1], "市教育和体育局改革联络员")
	require.Equal(t, "市教育局", unit("education").Name, "nothing is in force that nobody confirmed")
	told := read[api.NotificationList](security.get("/api/v1/notifications").is(http.StatusOK)).Items
	require.Equal(t, "系统管理员提出机构调整：“市教育局”改名为“市教育和体育局”。请核对后确认或退回。", told[0].Title)
	require.Empty(t, read[api.NotificationList](admin.get("/api/v1/notifications").is(http.StatusOK)).Items, "who proposed it knows")
	admin.post(changes+"/"+renamed.ID+"/decision", map[string]any{"confirm": true}).refused(http.StatusForbidden, "not-security-administrator")
	done := decided(w, renamed, true)
	require.Equal(t, api.OrganisationChangeStateConfirmed, done.State)
	require.Equal(t, "安全管理员", done.SettledBy.Name)
	require.Equal(t, "“市教育局”改名为“市教育和体育局”", done.Sentence, "it says what it did then")
	require.Equal(t, "市教育和体育局", unit("education").Name)
	require.Equal(t, "市教育和体育局", read[api.Matter](clerk.get("/api/v1/matters/"+m.ID).is(http.StatusOK)).UnitName)
	security.post(changes+"/"+renamed.ID+"/decision", map[string]any{"confirm": true}).refused(http.StatusConflict, "change-settled")

	model := unit("education")
	added := proposed(w, map[string]any{"kind": "add", "name": "市数据局", "unitKind": model.Kind, "parent": model.Parent, "head": "head",
		"posts": []map[string]string{{"role": "head", "title": "市数据局主要负责人"}, {"role": "deputy", "title": "市数据局分管负责人"}, {"role": "clerk", "title": "市数据局改革联络员"}}})
	require.Len(t, added.Effects, 3)
	decided(w, added, true)
	var fresh api.Unit
	for _, u := range read[api.UnitList](admin.get("/api/v1/organisations/zibo/units").is(http.StatusOK)).Items {
		if u.Name == "市数据局" {
			fresh = u
		}
	}
	require.NotEmpty(t, fresh.ID)
	require.Len(t, read[api.PostList](admin.get("/api/v1/organisations/zibo/posts?unit="+fresh.ID).is(http.StatusOK)).Items, 3)

	admin.post(changes, map[string]any{"kind": "end", "unit": "education", "reason": "合并"}).refused(http.StatusUnprocessableEntity, "rules-need-unit")
	person := read[api.Me](w.as("education.clerk").get("/api/v1/me").is(http.StatusOK)).Person.ID
	security.post("/api/v1/people/"+person+"/holdings", map[string]any{"post": fresh.ID + "/clerk"}).is(http.StatusCreated)
	ended := proposed(w, map[string]any{"kind": "end", "unit": fresh.ID})
	require.Contains(t, ended.Effects[1], "由它发起的在办事项0件")
	require.Contains(t, ended.Effects[2], "市数据局改革联络员")
	decided(w, ended, true)
	require.True(t, unit(fresh.ID).Ended)
	require.Empty(t, read[api.PostList](admin.get("/api/v1/organisations/zibo/posts?unit="+fresh.ID).is(http.StatusOK)).Items, "nobody is put into it any more")

	dropped := decided(w, proposed(w, map[string]any{"kind": "move", "unit": "linzi", "parent": "office"}), false)
	require.Equal(t, api.OrganisationChangeStateRefused, dropped.State)
	require.Equal(t, "另行研究", dropped.Answer)
	back := proposed(w, map[string]any{"kind": "move", "unit": "linzi", "parent": "office"})
	withdrawn := read[api.OrganisationChange](admin.post(changes+"/"+back.ID+"/decision", map[string]any{"confirm": false}).is(http.StatusOK))
	require.Equal(t, api.OrganisationChangeStateWithdrawn, withdrawn.State)
	admin.post(changes+"/"+back.ID+"/decision", map[string]any{"confirm": false}).refused(http.StatusConflict, "change-settled")
	list := read[api.OrganisationChangeList](w.as("auditor").get(changes).is(http.StatusOK)).Items
	require.Len(t, list, 5)

	admin.post(changes, map[string]any{"kind": "end", "unit": "group-economy", "reason": "合并"}).refused(http.StatusUnprocessableEntity, "rules-need-unit")
	admin.post(changes, map[string]any{"kind": "end", "unit": "finance", "reason": " "}).refused(http.StatusUnprocessableEntity, "reason-required")
	trail := read[api.AuditList](w.as("auditor").get("/api/v1/audit?action=decideOrganisationChange").is(http.StatusOK)).Items
	require.NotEmpty(t, trail)
}
