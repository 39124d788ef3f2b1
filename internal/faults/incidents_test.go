package faults

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"duban/api"
	"duban/internal/client"
	"duban/internal/loopback"
)

// visible is how soon an incident must be in the list.
const visible = time.Minute

// incidents asks for the incidents until one is as wanted.
func (o *office) incident(state, what string, want func(api.Incident) bool) api.Incident {
	o.Helper()
	admin := o.as("sysadmin")
	ctx := o.within(visible)
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		list, err := client.Get[api.IncidentList](ctx, admin, "/api/v1/operations/incidents", "state", state)
		if at := slices.IndexFunc(list.Items, want); err == nil && at >= 0 {
			return list.Items[at]
		}
		select {
		case <-ctx.Done():
			o.Fatalf("%s is not among %+v: %v", what, list.Items, err)
		case <-again.C:
		}
	}
}

// until waits for something that comes about within a minute.
func (o *office) wait(what string, so func(context.Context) bool) {
	o.Helper()
	ctx := o.within(visible)
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for !so(ctx) {
		select {
		case <-ctx.Done():
			o.Fatalf("waiting until %s", what)
		case <-again.C:
		}
	}
}

func ofKind(kind string) func(api.Incident) bool {
	return func(i api.Incident) bool { return i.Kind == kind }
}

func ofMatter(matter string) func(api.Incident) bool {
	return func(i api.Incident) bool { return i.Matter == matter }
}

// repair repairs a matter over HTTP, as the page does.
func (o *office) repair(matter, repair, reason string) {
	o.Helper()
	var done api.RepairResult
	status, err := o.as("sysadmin").Do(o.within(time.Minute), http.MethodPost, "/api/v1/operations/matters/"+matter+"/repairs", client.Key(),
		api.Repair{Repair: api.RepairName(repair), Reason: reason}, &done)
	if err != nil || status != http.StatusOK {
		o.Fatalf("%s: %d %v", repair, status, err)
	}
}

// audited fails unless the audit has a repair with its reason.
func (o *office) audited(object, repair, reason string) {
	o.Helper()
	list, err := client.Get[api.AuditList](o.within(time.Minute), o.as("auditor"), "/api/v1/audit", "action", "repairMatter")
	found := slices.ContainsFunc(list.Items, func(e api.AuditEntry) bool { return e.Object == object && e.Reason == reason })
	if err != nil || !found {
		o.Errorf("the audit does not have %s of %s: %v %+v", repair, object, err, list.Items)
	}
}

// addressed gives a person with a mail address one of the posts that are told of a document.
func (o *office) addressed(post string) {
	o.Helper()
	ctx := o.within(time.Minute)
	login := "m" + strings.ReplaceAll(uuid.NewString(), "-", "")[:10]
	var created api.CreatedPerson
	if _, err := o.as("sysadmin").Do(ctx, http.MethodPost, "/api/v1/people", client.Key(),
		map[string]any{"login": login, "name": "收件人", "email": login + "@duban.example"}, &created); err != nil {
		o.Fatal(err)
	}
	if _, err := o.as("secadmin").Do(ctx, http.MethodPost, "/api/v1/people/"+created.Person.ID+"/holdings", client.Key(),
		map[string]any{"post": post}, nil); err != nil {
		o.Fatal(err)
	}
}

// addressee is a post a matter waits on, or a slip of it.
func (o *office) addressee(matter string) string {
	o.Helper()
	found, err := o.as("office.clerk").Matter(o.within(time.Minute), matter)
	if err != nil || len(found.Assignments) == 0 {
		o.Fatalf("nobody has to do with it: %v", err)
	}
	return found.Assignments[0].Post.Post
}

// The three incidents an operator meets, and a fourth that follows from the second: each is in the list within a minute of
// its beginning, told to the administrators, mended over the API, and audited.
func TestIncidentsAreSeenMendedAndAudited(t *testing.T) {
	port, err := loopback.Free(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DUBAN_SMTP_HOST", "127.0.0.1")
	t.Setenv("DUBAN_SMTP_PORT", strconv.Itoa(port)) // nobody listens there
	t.Setenv("DUBAN_SMTP_FROM", "duban@duban.example")
	t.Setenv("DUBAN_SMTP_TLS", "none")
	o := newOffice(t)
	again, anew := o.arrive(), o.arrive()
	rehearsed := o.document()
	rehearsed.Pace, rehearsed.Begins = 2, "2027-01-05" // its mail does not wait for working hours
	o.addressed(o.addressee(again))
	if _, err := o.as("office.clerk").Create(o.within(time.Minute), client.Key(), rehearsed); err != nil {
		t.Fatal(err)
	}

	mail := o.incident("open", "the mail server", ofKind("mail-failing"))
	if mail.Attempts == 0 || mail.Fault == "" {
		t.Errorf("it says neither attempts nor error: %+v", mail)
	}
	var told api.RepairResult
	if _, err := o.as("sysadmin").Do(o.within(time.Minute), http.MethodPost, "/api/v1/operations/mail/retries", client.Key(),
		api.MailRetry{Reason: "邮件服务器已检查"}, &told); err != nil {
		t.Fatal(err)
	}
	o.audited("mail", "retry-mail", "邮件服务器已检查")
	o.incident("open", "another attempt", func(i api.Incident) bool { return i.Kind == mail.Kind && i.Attempts > mail.Attempts })

	// PostgreSQL stands still; the list has it, from beginning to end, once it is back.
	admin := o.as("sysadmin")
	noticed := func(part Part) int { return strings.Count(o.site.Output(part), "The database does not answer") }
	before := [2]int{noticed(API), noticed(Worker)}
	thaw, err := o.site.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	froze := time.Now()
	o.wait("the API says that the database does not answer", func(ctx context.Context) bool {
		_, err := client.Get[api.IncidentList](ctx, admin, "/api/v1/operations/incidents")
		return client.Code(err) == "database-unavailable"
	})
	o.wait("both watches have noticed", func(context.Context) bool { return noticed(API) > before[0] && noticed(Worker) > before[1] })
	thawed := time.Now()
	if err := thaw(); err != nil {
		t.Fatal(err)
	}
	outage := o.incident("closed", "the outage", ofKind("database-away"))
	if outage.Began.Before(froze.Add(-visible)) || outage.Began.After(thawed) || outage.Closed.Before(thawed) {
		t.Errorf("it lasted from %v to %v, and the database stood still from %v to %v", outage.Began, outage.Closed, froze, thawed)
	}

	// A worker of a changed program takes the place of the right one.
	if err := o.site.Stop(Worker); err != nil {
		t.Fatal(err)
	}
	o.incident("open", "that no worker runs", ofKind("no-worker"))
	stop, err := ChangedWorker(t.Context(), o.site.Temporal, "duban", o.site.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	for _, matter := range []string{again, anew} { // an action wakes them
		_, _ = o.as("office.clerk").Do(o.within(time.Minute), http.MethodPost, "/api/v1/matters/"+matter+"/actions", client.Key(),
			map[string]any{"action": "comment", "opinion": "请抓紧"}, nil)
		stuck := o.incident("open", "the stuck matter", ofMatter(matter))
		if stuck.Kind != "task-failing" || !strings.Contains(stuck.Raw, "nondeterministic") {
			t.Errorf("it is %+v", stuck)
		}
	}
	o.repair(anew, "restart", "程序已经变更")
	o.audited(anew, "restart", "程序已经变更")
	o.incident("closed", "that it goes on from the record", ofMatter(anew))
	stop() // tried again before the right program is back, or else it would have gone on by itself some time or other
	o.repair(again, "retry", "已换回正确的程序")
	o.audited(again, "retry", "已换回正确的程序")
	if err := o.site.Start(o.within(2*time.Minute), Worker); err != nil {
		t.Fatal(err)
	}
	o.wait("a worker is there", func(ctx context.Context) bool {
		list, err := client.Get[api.PartList](ctx, o.as("sysadmin"), "/api/v1/operations/parts")
		return err == nil && len(list.Items) == 2
	})
	over := o.incident("closed", "that it goes on", ofMatter(again))
	if len(over.Done) == 0 || over.Done[0].Reason != "已换回正确的程序" {
		t.Errorf("what was done is not told with it: %+v", over.Done)
	}
	news, err := client.Get[api.NotificationList](o.within(time.Minute), o.as("sysadmin"), "/api/v1/notifications")
	if err != nil || len(news.Items) < 4 {
		t.Errorf("the administrators were told of %d incidents, %v", len(news.Items), err)
	}
	if _, err := client.Get[api.IncidentList](o.within(time.Minute), o.as("secadmin"), "/api/v1/operations/incidents"); client.Code(err) != "not-found" {
		t.Errorf("somebody else finds the page: %v", err)
	}
}
