package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// insertNotifications finds the persons behind posts at this moment, holders and deputies, and puts down what each is
// told: in the application always, by mail if there is an address. A person behind several posts is told once.
const insertNotifications = `
	WITH told AS (
		SELECT t.seq, t.kind, t.args, t.urgent, t.mail, b.person, m.email
		FROM json_to_recordset($2) AS t(seq bigint, kind text, args jsonb, posts jsonb, person text, "except" text, urgent boolean, mail timestamptz)
		CROSS JOIN LATERAL (
			SELECT id AS person FROM person WHERE id = NULLIF(t.person, '')::uuid
			UNION
			SELECT a.person FROM jsonb_array_elements_text(t.posts) AS p(post) CROSS JOIN LATERAL acting_for(p.post, now()) a
		) b
		CROSS JOIN LATERAL (SELECT email FROM person WHERE id = b.person OFFSET 0) m
		WHERE b.person::text <> t."except")
	INSERT INTO notification (cause, person, channel, kind, matter, seq, args, urgent, not_before)
	SELECT $1::text || '/' || seq, person, 'inapp', kind, $1::uuid, seq, args, urgent, now() FROM told
	UNION ALL
	SELECT $1::text || '/' || seq, person, 'mail', kind, $1::uuid, seq, args, urgent, mail FROM told WHERE email <> ''
	ON CONFLICT DO NOTHING`

// Notification is something a person is told. Its text is made from Kind and Args.
type Notification struct {
	ID      int64
	Kind    string
	Matter  string // empty: of none
	Seq     int64  // event that caused it
	Args    map[string]any
	Urgent  bool
	Created time.Time
	Read    time.Time // zero: unread
}

// Notifications lists what a person was told in the application, newest first, before an id (0: from the newest).
func (s *Store) Notifications(ctx context.Context, person string, unreadOnly bool, before int64, limit int) ([]Notification, error) {
	var q query
	q.and("n.person = ? AND n.channel = 'inapp'", person)
	if unreadOnly {
		q.and("n.read IS NULL")
	}
	if before > 0 {
		q.and("n.id < ?", before)
	}
	rows, err := s.pool.Query(ctx, `SELECT n.id, n.kind, COALESCE(n.matter::text, ''), n.seq, `+argsWithNumber+`, n.urgent, n.created, n.read
		FROM notification n WHERE `+q.conditions()+` ORDER BY n.id DESC LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n Notification, err error) {
		err = row.Scan(&n.ID, &n.Kind, &n.Matter, &n.Seq, &n.Args, &n.Urgent, &n.Created, instant{&n.Read})
		return n, err
	})
	return list, classify(err)
}

// argsWithNumber adds the document number of the slip that is told of: it was not known before it was recorded.
const argsWithNumber = `CASE WHEN n.args ? 'slip' THEN n.args || (
	SELECT jsonb_build_object('number', slip.prefix || '〔' || slip.year || '〕' || slip.number || '号')
	FROM slip WHERE slip.matter = n.matter AND slip.id = (n.args->>'slip')::bigint) ELSE n.args END`

// Unread counts what a person has not read.
func (s *Store) Unread(ctx context.Context, person string) (count int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM notification WHERE person = $1 AND channel = 'inapp' AND read IS NULL`, person).Scan(&count)
	return count, classify(err)
}

// MarkRead marks a person's notifications up to an id as read, or only that one.
func (s *Store) MarkRead(ctx context.Context, person string, id int64, earlierToo bool) error {
	_, err := s.pool.Exec(ctx, `UPDATE notification SET read = now()
		WHERE person = $1 AND channel = 'inapp' AND read IS NULL AND (id = $2 OR $3 AND id < $2)`, person, id, earlierToo)
	return classify(err)
}

// Mail is a notification to be sent to an address. Key is the same at every attempt.
type Mail struct {
	Notification
	Key      string
	Person   string
	Name     string
	Address  string
	Attempts int // before this one
}

// mailLease is how long a mail is the caller's alone: longer than a whole batch takes on a slow line.
const mailLease = 15 * time.Minute

// LeaseMail takes up to limit mails whose time has come, for the caller alone until the lease ends.
func (s *Store) LeaseMail(ctx context.Context, limit int) ([]Mail, error) {
	rows, err := s.pool.Query(ctx, `
		WITH due AS (
			SELECT id FROM notification WHERE channel = 'mail' AND accepted IS NULL AND not_before <= now()
			ORDER BY not_before LIMIT $1 FOR UPDATE SKIP LOCKED),
		leased AS (
			UPDATE notification SET not_before = now() + $2 FROM due WHERE notification.id = due.id RETURNING notification.*)
		SELECT n.id, n.kind, COALESCE(n.matter::text, ''), n.seq, `+argsWithNumber+`, n.urgent, n.created,
			n.cause || '/' || n.person, n.person::text, person.name, person.email, n.attempts
		FROM leased n JOIN person ON person.id = n.person ORDER BY n.id`, limit, mailLease)
	if err != nil {
		return nil, classify(err)
	}
	mails, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Mail, err error) {
		err = row.Scan(&m.ID, &m.Kind, &m.Matter, &m.Seq, &m.Args, &m.Urgent, &m.Created, &m.Key, &m.Person, &m.Name, &m.Address, &m.Attempts)
		return m, err
	})
	return mails, classify(err)
}

// AcceptMail marks a mail as accepted by the server: it is never sent again.
func (s *Store) AcceptMail(ctx context.Context, id int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE notification SET accepted = now(), attempts = attempts + 1, fault = '' WHERE id = $1`, id)
	return classify(err)
}

// MailConnect is the fault of a mail whose server was not reached, which says nothing of the mail.
const MailConnect = "connect"

// FailMail puts mails off: by a minute after the first attempt, twice as long after each; six hours at most, or five
// minutes where the server was not reached, so that nothing waits long for one that is back.
func (s *Store) FailMail(ctx context.Context, fault string, ids ...int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE notification SET attempts = attempts + 1, fault = $2, not_before = now() + LEAST(
			CASE WHEN $2 = $3 THEN interval '5 minutes' ELSE interval '6 hours' END, interval '1 minute' * 2 ^ LEAST(attempts, 10))
		WHERE id = ANY($1) AND accepted IS NULL`, ids, fault, MailConnect)
	return classify(err)
}

// ReturnMail gives back leased mails that were not tried.
func (s *Store) ReturnMail(ctx context.Context, ids ...int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE notification SET not_before = now() WHERE id = ANY($1) AND accepted IS NULL`, ids)
	return classify(err)
}

// MailFigures counts the mail that is due: how many wait, how many of them were tried in vain, and the age in seconds of
// the one that has waited longest since it was written.
func (s *Store) MailFigures(ctx context.Context) (waiting, failing int, oldest float64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE attempts > 0),
			COALESCE(extract(epoch FROM now() - min(created)), 0)::float8
		FROM notification WHERE channel = 'mail' AND accepted IS NULL AND (attempts > 0 OR not_before <= now())`).Scan(&waiting, &failing, &oldest)
	return waiting, failing, oldest, classify(err)
}

// Refuse settles a command as refused. With tell, the person is notified: nobody waits for the answer any more.
func (s *Store) Refuse(ctx context.Context, key string, refusal *procedure.Refusal, tell bool) error {
	data, err := json.Marshal(refusal)
	if err != nil {
		return err
	}
	args := map[string]any{}
	for name, value := range refusal.Args {
		args[name] = value
	}
	args["code"], args["source"] = refusal.Code, refusal.Source
	told, err := json.Marshal(args)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		WITH refused AS (
			UPDATE journal SET state = 'refused', refusal = $2, spec = NULL WHERE key = $1 AND state = 'open'
			RETURNING person, matter, command->>'action' AS action, kind)
		INSERT INTO notification (cause, person, channel, kind, matter, args)
		SELECT 'command/' || $1, person.id, 'inapp', $4, r.matter,
			$3::jsonb || jsonb_build_object('action', r.action, 'title', COALESCE((SELECT title FROM matter WHERE id = r.matter), ''))
		FROM refused r JOIN person ON person.id::text = r.person WHERE $5 ON CONFLICT DO NOTHING`, key, data, told, TellRefused, tell)
	return classify(err)
}
