package public

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// ToLog shows codes in the log instead of sending them: for development and rehearsals only.
func ToLog(log *slog.Logger) Sender {
	return func(ctx context.Context, _, code string) error {
		log.InfoContext(ctx, "One-time code (no SMS gateway is set)", slog.String("code", code))
		return nil
	}
}

// ErrGateway says the SMS gateway did not take a message over.
var ErrGateway = errors.New("sms gateway")

// ToGateway sends codes through an HTTP gateway: a POST of {"number", "code", "text"} with a bearer token; any 2xx says
// that it was taken over.
func ToGateway(address, token string) Sender {
	client := &http.Client{Timeout: 10 * time.Second}
	return func(ctx context.Context, number, code string) error {
		body, err := json.Marshal(map[string]string{"number": number, "code": code, "text": text("sms", "code", code)})
		if err != nil {
			return err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := client.Do(request)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrGateway, err)
		}
		_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, bodyMost))
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return fmt.Errorf("%w: %w", ErrGateway, err)
		}
		if answer.StatusCode/100 != 2 {
			return fmt.Errorf("%w: %s", ErrGateway, answer.Status)
		}
		return nil
	}
}
