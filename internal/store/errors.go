package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// What may go wrong. A test is errors.Is.
var (
	// ErrNotFound says there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrKeyReused says the idempotency key was used before, by another person or with another body.
	ErrKeyReused = errors.New("key reused")
	// ErrUnknownMatter says events came for a matter that is not there, and no specification with them.
	ErrUnknownMatter = errors.New("unknown matter")
	// ErrDiverged says what came contradicts what is recorded: another specification, or another event in the same place.
	ErrDiverged = errors.New("contradicts the record")
	// ErrUnavailable says the database did not answer, or not in time. Whether a write took place is not known.
	ErrUnavailable = errors.New("database unavailable")
	// ErrFull says there is no room on a disk. Of the database it is ErrUnavailable too.
	ErrFull = errors.New("disk full")
)

// classify puts an error of the driver under the store's own.
func classify(err error) error {
	var own *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, ErrUnavailable):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	case errors.As(err, &own):
		if own.Code == diskFull {
			return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrFull, err)
		}
		if unavailable(own.Code) {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	var network net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &network) || errors.As(err, &connect) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, puddle.ErrClosedPool) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// diskFull is the server's code where it cannot write for want of room.
const diskFull = "53100"

// unavailable tells the codes by which the server says "not now": connection, resources, intervention, lock not
// available in time, system, and the two by which it asks for another try.
func unavailable(code string) bool {
	if len(code) != 5 {
		return false
	}
	switch code[:2] {
	case "08", "53", "57", "58":
		return true
	}
	switch code {
	case "55P03", "40001", "40P01", "25P03", "25006":
		return true
	}
	return false
}
