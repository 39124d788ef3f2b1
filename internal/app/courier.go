package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"duban/internal/store"
)

// Compose gives a mail's subject and text.
type Compose func(store.Mail) (subject, text string)

const (
	mailEvery   = 3 * time.Second
	mailBatch   = 20
	mailTimeout = 20 * time.Second
)

// courier sends mail until the server accepts it, and never again what it accepted. Should the process die between the
// server's word and its record, the message is sent again under the same Message-ID, by which receivers drop doubles.
type courier struct {
	store   *store.Store
	smtp    SMTP
	compose Compose
	log     *slog.Logger
	stop    context.CancelFunc
	ended   sync.WaitGroup
}

// Courier is the service that sends mail. Without a mail server it has nothing to do.
func Courier(s *store.Store, smtp SMTP, compose Compose, log *slog.Logger) Service {
	c := &courier{store: s, smtp: smtp, compose: compose, log: log}
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

// round sends what is due, over one connection.
func (c *courier) round(ctx context.Context) error {
	mails, err := c.store.LeaseMail(ctx, mailBatch)
	if err != nil || len(mails) == 0 {
		return err
	}
	client, err := c.dial(ctx)
	if err != nil {
		c.log.Warn("The mail server cannot be reached", slog.String("host", c.smtp.Host), slog.Any("error", err))
		for _, m := range mails {
			err := c.store.FailMail(ctx, m.ID, "connect")
			if err != nil {
				return err
			}
		}
		return nil
	}
	defer func() {
		if err := client.Close(); err != nil {
			c.log.Debug("The mail server's connection did not close", slog.Any("error", err))
		}
	}()
	for _, m := range mails {
		if err := c.send(ctx, client, m); err != nil {
			return err
		}
	}
	return nil
}

func (c *courier) dial(ctx context.Context) (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(c.smtp.Port), mail.WithTimeout(mailTimeout)}
	switch c.smtp.TLS {
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.smtp.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.smtp.User), mail.WithPassword(c.smtp.Password))
	}
	client, err := mail.NewClient(c.smtp.Host, options...)
	if err != nil {
		return nil, err
	}
	return client, client.DialWithContext(ctx)
}

// send sends one mail and records what became of it. An address the server will never take is a failure like any other:
// it is put off further each time, and seen in the counts.
func (c *courier) send(ctx context.Context, client *mail.Client, m store.Mail) error {
	message, err := c.message(m)
	if err == nil {
		err = client.Send(message)
	}
	if err == nil {
		return c.store.AcceptMail(context.WithoutCancel(ctx), m.ID) // the server has it: this must be known, even while stopping
	}
	c.log.Warn("A mail was not accepted", slog.String("key", m.Key), slog.Int("attempts", m.Attempts+1), slog.Any("error", err))
	fault := "send"
	var refused *mail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() {
		fault = "refused"
	}
	return c.store.FailMail(ctx, m.ID, fault)
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
