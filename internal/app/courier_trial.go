package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"duban/internal/store"
)

// trialPatience is less than a request may take.
const trialPatience = 4 * time.Second

// TryMail sends one mail outside the queue, now, and says what went wrong with it; fault is empty when the server took
// it over.
func TryMail(ctx context.Context, smtp SMTP, name, address, subject, text string, log *slog.Logger) (fault string) {
	ctx, cancel := context.WithTimeout(ctx, trialPatience)
	defer cancel()
	c := newCourier(nil, smtp, func(store.Mail) (string, string) { return subject, text }, log)
	c.patience = trialPatience
	message, err := c.message(store.Mail{Key: uuid.NewString(), Name: name, Address: address,
		Notification: store.Notification{Created: time.Now()}})
	if err != nil {
		return faultAddress
	}
	to, err := c.dial(ctx)
	if err != nil {
		log.Warn("The mail server cannot be reached", slog.String("host", smtp.Host), slog.Any("error", err))
		return faultConnect
	}
	defer to.hangUp(log)
	err = to.client.Send(message)
	if message.IsDelivered() {
		to.lost = err != nil
		return ""
	}
	fault, to.lost = judge(err)
	log.Warn("The mail tried was not accepted", slog.String("fault", fault), slog.Any("error", err))
	return fault
}
