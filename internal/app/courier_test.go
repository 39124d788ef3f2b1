package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/internal/store/storetest"
)

// told puts down a mail for a new person and gives its key.
func told(t *testing.T, s *store.Store, title string, at time.Time) string {
	t.Helper()
	person := uuid.NewString()
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO person (id, login, name, email, created_at) VALUES ($1::uuid, $1::text, '市教育局办事员', $2, now())`,
		person, "clerk-"+person[:8]+"@zibo.example")
	require.NoError(t, err)
	_, err = s.Pool().Exec(t.Context(), `INSERT INTO notification (cause, person, channel, kind, args, not_before)
		VALUES ($1, $2, 'mail', 'slip', jsonb_build_object('title', $3::text), $4)`, "matter/7", person, title, at)
	require.NoError(t, err)
	return "matter/7/" + person
}

// posted is how the record has a mail.
type posted struct {
	Attempts int
	Fault    string
	Accepted bool
}

func fate(t *testing.T, s *store.Store, key string) (p posted) {
	t.Helper()
	require.NoError(t, s.Pool().QueryRow(t.Context(), `SELECT attempts, fault, accepted IS NOT NULL FROM notification
		WHERE channel = 'mail' AND cause || '/' || person = $1`, key).Scan(&p.Attempts, &p.Fault, &p.Accepted))
	return p
}

// due makes the time of every mail come.
func due(t *testing.T, s *store.Store) {
	t.Helper()
	_, err := s.Pool().Exec(t.Context(), `UPDATE notification SET not_before = now()`)
	require.NoError(t, err)
}

// body is longer than a line may be, so that it has to be folded on its way.
func body(m store.Mail) string {
	return fmt.Sprintf("%s：\n\n%s。\n.\n请登录办理：https://duban.zibo.example/matters/7\n", m.Name, strings.Repeat(m.Args["title"].(string), 40))
}

func courierTo(s *store.Store, smtp SMTP) *courier {
	c := newCourier(s, smtp, func(m store.Mail) (string, string) {
		return "【督办】" + m.Args["title"].(string), body(m)
	}, silent())
	c.patience = 3 * time.Second // a server that hangs costs as much; any other may stand still for a while with its machine
	return c
}

const title = "关于深化要素市场化配置改革的若干措施：交办单已送达，请于三个工作日内签收"

func TestMailArrivesOnceAndWhole(t *testing.T) {
	s, server := storetest.New(t), newMailServer(t)
	first, second := told(t, s, title, time.Now()), told(t, s, "另一件", time.Now())
	later := told(t, s, "非工作时间", time.Now().Add(time.Hour))
	c := courierTo(s, server.config(t))
	for range 3 { // the later rounds find nothing
		require.NoError(t, c.round(t.Context()))
	}
	got := server.received()
	require.Len(t, got, 2)
	l := got[0]
	person := strings.TrimPrefix(first, "matter/7/")
	assert.Equal(t, "<"+first+"@duban>", l.id)
	assert.Equal(t, "【督办】"+title, l.subject)
	assert.Equal(t, "市教育局办事员 clerk-"+person[:8]+"@zibo.example", l.to)
	assert.Equal(t, "<duban@zibo.example>", l.from)
	assert.Equal(t, body(store.Mail{Name: "市教育局办事员", Notification: store.Notification{Args: map[string]any{"title": title}}}), l.text)
	assert.Equal(t, "<"+second+"@duban>", got[1].id)
	lines, _ := server.counts()
	assert.Equal(t, 1, lines, "one connection for both")
	assert.Equal(t, posted{1, "", true}, fate(t, s, first))
	assert.Equal(t, posted{0, "", false}, fate(t, s, later), "not before its time")
	due(t, s)
	require.NoError(t, c.round(t.Context()))
	require.Len(t, server.received(), 3)
	assert.Equal(t, "<"+later+"@duban>", server.received()[2].id)
}

// That the server has a mail is noted although the database is away just then: else it would be sent once more.
func TestAMailIsNotSentTwiceForADatabaseThatWasAway(t *testing.T) {
	s, server := storetest.New(t), newMailServer(t)
	key := told(t, s, title, time.Now())
	_, err := s.Pool().Exec(t.Context(), `CREATE SEQUENCE asked;
		CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('asked') <= 3 THEN RAISE EXCEPTION 'shutting down' USING ERRCODE = 'admin_shutdown'; END IF; RETURN NEW;
		END $$;
		CREATE TRIGGER away BEFORE UPDATE OF accepted ON notification FOR EACH ROW EXECUTE FUNCTION away()`)
	require.NoError(t, err)
	c := courierTo(s, server.config(t))
	require.NoError(t, c.round(t.Context()))
	require.Equal(t, posted{1, "", true}, fate(t, s, key))
	due(t, s)
	require.NoError(t, c.round(t.Context()))
	require.Len(t, server.received(), 1)
}

// Whatever the server does with the first attempt, the mail is sent until it is taken over, under the same Message-ID,
// and never after that; the mail beside it goes in the same round.
func TestMailIsTriedUntilTheServerHasIt(t *testing.T) {
	for name, c := range map[string]struct {
		manner
		want posted
		sent bool // the server has it, whatever it said later
	}{
		"refused for now, the sender":    {manner{from: "451 4.3.0 later"}, posted{1, "put-off 451 4.3.0", false}, false},
		"refused for now, the recipient": {manner{to: "450 4.2.1 mailbox busy"}, posted{1, "put-off 450 4.2.1", false}, false},
		"refused for now, the text":      {manner{end: "452 4.2.2 mailbox full"}, posted{1, "put-off 452 4.2.2", false}, false},
		"refused for good, a recipient":  {manner{to: "550 5.1.1 no such user"}, posted{1, "refused 550 5.1.1", false}, false},
		"refused for good, the text":     {manner{end: "554 5.7.1 not wanted"}, posted{1, "refused 554 5.7.1", false}, false},
		"going out of service":           {manner{from: "421 4.3.2 closing"}, posted{1, "put-off 421 4.3.2", false}, false},
		"hangs at once":                  {manner{from: hang}, posted{1, "broken", false}, false},
		"hangs after the text":           {manner{end: hang}, posted{1, "broken", false}, false},
		"closes before the text":         {manner{data: shut}, posted{1, "broken", false}, false},
		"closes after the text":          {manner{end: shut}, posted{1, "broken", false}, false},
		"closes when it has it":          {manner{reset: shut}, posted{1, "", true}, true},
		"hangs when it has it":           {manner{reset: hang}, posted{1, "", true}, true},
		"complains when it has it":       {manner{reset: "500 5.5.1 what"}, posted{1, "", true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, server := storetest.New(t), newMailServer(t, c.manner)
			first := told(t, s, title, time.Now())
			beside := told(t, s, "另一件", time.Now())
			courier := courierTo(s, server.config(t))
			require.NoError(t, courier.round(t.Context()))
			assert.Equal(t, c.want, fate(t, s, first))
			assert.Equal(t, posted{1, "", true}, fate(t, s, beside), "the mail beside it")
			require.NoError(t, courier.round(t.Context()))
			_, begun := server.counts()
			assert.Equal(t, 2, begun, "not tried again before its time")
			waiting, failing, _, err := s.MailFigures(t.Context())
			require.NoError(t, err)
			if c.sent {
				assert.Equal(t, [2]int{0, 0}, [2]int{waiting, failing})
			} else {
				assert.Equal(t, [2]int{1, 1}, [2]int{waiting, failing})
			}
			for range 2 {
				due(t, s)
				require.NoError(t, courier.round(t.Context()))
			}
			times := 0
			for _, l := range server.received() {
				if l.id == "<"+first+"@duban>" {
					times++
				}
			}
			assert.Equal(t, 1, times)
			assert.True(t, fate(t, s, first).Accepted)
		})
	}
}

// A server that is away costs the mails nothing but time, and not much of that once it is back.
func TestMailWaitsForAServerThatIsAway(t *testing.T) {
	s, server := storetest.New(t), newMailServer(t)
	keys := []string{told(t, s, title, time.Now()), told(t, s, "另一件", time.Now())}
	c := courierTo(s, server.config(t))
	server.close()
	for attempt := range 6 {
		require.NoError(t, c.round(t.Context()))
		for _, key := range keys {
			require.Equal(t, posted{attempt + 1, "connect", false}, fate(t, s, key))
		}
		var soon bool
		require.NoError(t, s.Pool().QueryRow(t.Context(), `SELECT bool_and(not_before BETWEEN now() + interval '30 seconds' AND now() + interval '5 minutes')
			FROM notification`).Scan(&soon))
		require.True(t, soon)
		due(t, s)
	}
	server.open()
	require.NoError(t, c.round(t.Context()))
	require.Len(t, server.received(), 2)
	for _, key := range keys {
		require.Equal(t, posted{7, "", true}, fate(t, s, key))
	}
}

// A stop lets the mail under way finish or fail soon, and gives back what was not tried.
func TestStoppingDoesNotWaitForAServerThatHangs(t *testing.T) {
	s, server := storetest.New(t), newMailServer(t, manner{end: hang})
	first, second := told(t, s, title, time.Now()), told(t, s, "另一件", time.Now())
	c := courierTo(s, server.config(t))
	c.patience = time.Hour // only the stop ends it
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- c.round(ctx) }()
	require.Eventually(t, func() bool {
		_, begun := server.counts()
		return begun == 1
	}, time.Minute, 5*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	assert.Equal(t, posted{1, "broken", false}, fate(t, s, first))
	assert.Equal(t, posted{0, "", false}, fate(t, s, second))
	again := courierTo(s, server.config(t))
	require.NoError(t, again.round(t.Context()))
	assert.True(t, fate(t, s, second).Accepted, "due again at once")
}

func TestAMailIsTriedOutsideTheQueue(t *testing.T) {
	server := newMailServer(t, manner{to: "550 5.1.1 no such user"})
	try := func(address string) string {
		return TryMail(t.Context(), server.config(t), "系统管理员", address, "邮件测试", "正文", silent())
	}
	assert.Equal(t, "refused 550 5.1.1", try("nobody@zibo.example"))
	assert.Equal(t, faultAddress, try("nobody"))
	assert.Empty(t, try("sysadmin@zibo.example"))
	require.Len(t, server.received(), 1)
	assert.Equal(t, "邮件测试", server.received()[0].subject)
	server.close()
	assert.Equal(t, faultConnect, try("sysadmin@zibo.example"))
}
