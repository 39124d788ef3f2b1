package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"duban/internal/store"
)

// Compose gives a mail's subject and text.
type Compose func(store.Mail) (subject, text string)

const (
	mailEvery = 3 * time.Second
	mailBatch = 20 // twice the patience for each is less than the store's lease of them
	patience  = 20 * time.Second
	farewell  = 2 * time.Second // what a server has to finish the mail under way when we stop
	// The database's being away for noteWithin leaves no mail sent and unknown; with a batch it is less than the lease.
	noteWithin = time.Minute
	noteAgain  = 200 * time.Millisecond
)

// courier sends mail until the server accepts it, and never again what it accepted. Should the process die between the
// server's word and its record, the message is sent again under the same Message-ID, by which receivers drop doubles.
type courier struct {
	store    *store.Store
	smtp     SMTP
	compose  Compose
	log      *slog.Logger
	patience time.Duration // for the server's answer to one mail
	stop     context.CancelFunc
	ended    sync.WaitGroup
}

// Courier is the service that sends mail. Without a mail server it has nothing to do.
func Courier(s *store.Store, smtp SMTP, compose Compose, log *slog.Logger) Service {
	c := newCourier(s, smtp, compose, log)
	return Service{
		Name: "courier",
		Start: func(context.Context) error {
			ctx, stop := context.WithCancel(context.Background()) // beyond the start, until Stop
			c.stop = stop
			if smtp.Host != "" {
				c.ended.Go(func() { c.run(ctx) })
			}
			return nil
		},
		Stop: func(context.Context) error {
			c.stop()
			c.ended.Wait()
			return nil
		},
	}
}

func newCourier(s *store.Store, smtp SMTP, compose Compose, log *slog.Logger) *courier {
	return &courier{store: s, smtp: smtp, compose: compose, log: log, patience: patience}
}

func (c *courier) run(ctx context.Context) {
	next := time.NewTicker(mailEvery)
	defer next.Stop()
	for {
		if err := c.round(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("Mail cannot be looked for", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}

// round sends what is due, over one connection as long as it holds. What it could not come to is due again at once.
func (c *courier) round(ctx context.Context) error {
	mails, err := c.store.LeaseMail(ctx, mailBatch)
	if err != nil {
		return err
	}
	var to *line
	defer func() { to.hangUp(c.log) }()
	for i, m := range mails {
		if ctx.Err() != nil {
			return c.store.ReturnMail(context.WithoutCancel(ctx), ids(mails[i:])...)
		}
		if to.broken() {
			to.hangUp(c.log)
			if to, err = c.dial(ctx); err != nil {
				c.log.Warn("The mail server cannot be reached", slog.String("host", c.smtp.Host), slog.Any("error", err))
				return c.store.FailMail(context.WithoutCancel(ctx), faultConnect, ids(mails[i:])...)
			}
		}
		if err := c.send(ctx, to, m); err != nil { // what became of it must be known, even while stopping
			return err
		}
	}
	return nil
}

func ids(mails []store.Mail) []int64 {
	list := make([]int64, len(mails))
	for i, m := range mails {
		list[i] = m.ID
	}
	return list
}

// line is a connection to the mail server.
type line struct {
	client  *mail.Client
	conn    net.Conn    // beneath; nil with TLS from the first byte
	release func() bool // from the context that ends it
	lost    bool
}

func (l *line) broken() bool { return l == nil || l.lost }

func (l *line) hangUp(log *slog.Logger) {
	if l == nil {
		return
	}
	l.release()
	if !l.lost {
		if err := l.client.Close(); err != nil {
			log.Debug("The mail server did not say goodbye", slog.Any("error", err))
		}
	}
	if err := l.close(); err != nil {
		log.Debug("The mail server's connection did not close", slog.Any("error", err))
	}
}

func (l *line) close() error {
	if l.conn == nil {
		return nil
	}
	return ignore(l.conn.Close(), net.ErrClosed)
}

// dial opens a line; when ctx ends, the server has a moment left for what is under way.
func (c *courier) dial(ctx context.Context) (*line, error) {
	l := &line{}
	dial := mail.WithDialContextFunc(func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		dialer := net.Dialer{Timeout: c.patience}
		conn, err = dialer.DialContext(ctx, network, address)
		l.conn = conn
		return conn, err
	})
	options := []mail.Option{mail.WithPort(c.smtp.Port), mail.WithTimeout(c.patience), mail.WithoutNoop()}
	switch c.smtp.TLS {
	case "tls": // the library logs in with a password only over TLS it dialled itself
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS), dial)
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), dial)
	}
	if c.smtp.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.smtp.User), mail.WithPassword(c.smtp.Password))
	}
	var err error
	if l.client, err = mail.NewClient(c.smtp.Host, options...); err != nil {
		return nil, err
	}
	if err := l.client.DialWithContext(ctx); err != nil {
		return nil, errors.Join(err, l.close()) // the library leaves it open
	}
	l.release = context.AfterFunc(ctx, func() {
		if l.conn != nil {
			_ = l.conn.SetDeadline(time.Now().Add(farewell))
		}
	})
	return l, nil
}

// What went wrong with a mail, as the record has it. A server's answer follows as its code, such as "refused 550 5.1.1".
const (
	faultConnect = store.MailConnect // no server, or none that lets us in
	faultBroken  = "broken"          // the server did not answer, or broke off
	faultPutOff  = "put-off"         // refused for now
	faultRefused = "refused"         // refused for good: tried again all the same, since addresses are corrected
	faultAddress = "address"         // none that can be written to
)

// send sends one mail and records what became of it. Once the server has taken it over it is sent, whatever happens to
// the line after that.
func (c *courier) send(stopping context.Context, to *line, m store.Mail) error {
	ctx := context.WithoutCancel(stopping)
	message, err := c.message(m)
	if err != nil {
		return c.fail(ctx, m, faultAddress, err)
	}
	err = to.client.Send(message)
	if message.IsDelivered() {
		to.lost = err != nil
		return c.accepted(ctx, stopping, m)
	}
	fault, lost := judge(err)
	to.lost = lost
	return c.fail(ctx, m, fault, err)
}

// accepted records that the server has taken a mail over, trying for a while if the database is away: a mail of which that
// is not known is sent again.
func (c *courier) accepted(ctx, stopping context.Context, m store.Mail) error {
	again := time.NewTicker(noteAgain)
	defer again.Stop()
	until := time.NewTimer(noteWithin)
	defer until.Stop()
	for {
		err := c.store.AcceptMail(ctx, m.ID)
		if !errors.Is(err, store.ErrUnavailable) {
			return err
		}
		select {
		case <-again.C:
		case <-until.C:
			return err
		case <-stopping.Done():
			return err
		}
	}
}

// judge says what went wrong with a mail, and whether the line went with it.
func judge(err error) (fault string, lost bool) {
	var refused *mail.SendError
	if !errors.As(err, &refused) || refused.ErrorCode() == 0 {
		return faultBroken, true
	}
	fault = faultRefused
	if refused.ErrorCode() < 500 {
		fault = faultPutOff
	}
	return strings.TrimSpace(fmt.Sprint(fault, " ", refused.ErrorCode(), " ", refused.EnhancedStatusCode())), refused.ErrorCode() == closing
}

// closing is the code by which a server says that it ends the connection.
const closing = 421

func (c *courier) fail(ctx context.Context, m store.Mail, fault string, err error) error {
	c.log.Warn("A mail was not accepted", slog.String("key", m.Key), slog.Int("attempts", m.Attempts+1),
		slog.String("fault", fault), slog.Any("error", err))
	return c.store.FailMail(ctx, fault, m.ID)
}

func (c *courier) message(m store.Mail) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := message.From(c.smtp.From); err != nil {
		return nil, err
	}
	if err := message.AddToFormat(m.Name, m.Address); err != nil {
		return nil, err
	}
	subject, text := c.compose(m)
	message.SetMessageIDWithValue(m.Key + "@duban")
	message.SetDateWithValue(m.Created)
	message.Subject(subject)
	message.SetBodyString(mail.TypeTextPlain, text)
	return message, nil
}
