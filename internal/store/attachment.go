package store

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Attachment is a file as a person put it there; its bytes are in [Blobs] under Digest.
type Attachment struct {
	ID     string
	Digest string // SHA-256, hexadecimal
	Name   string // as the person named it
	Size   int64
	Type   string // media type, of the bytes
	Person string
	At     time.Time
}

const attachmentColumns = `attachment.id::text, attachment.sha256, attachment.name, attachment.size, attachment.type, attachment.person, attachment.at`

func scanAttachment(row pgx.CollectableRow) (a Attachment, err error) {
	var digest []byte
	err = row.Scan(&a.ID, &digest, &a.Name, &a.Size, &a.Type, &a.Person, instant{&a.At})
	a.Digest = hex.EncodeToString(digest)
	return a, err
}

// Attachment gives a file's description. ErrNotFound: there is none, or none within the sight, which is a condition on the
// tables attachment and matter_attachment.
func (s *Store) Attachment(ctx context.Context, id string, sight Sight) (Attachment, error) {
	if uuid.Validate(id) != nil {
		return Attachment{}, ErrNotFound
	}
	var q query
	q.and("attachment.id = ?", id)
	q.see(sight)
	rows, err := s.pool.Query(ctx, `SELECT `+attachmentColumns+` FROM attachment WHERE `+q.conditions(), q.args...)
	if err != nil {
		return Attachment{}, classify(err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAttachment)
	return a, classify(err)
}

// Attachments lists the files a matter's form ever named, in the order they were put there.
func (s *Store) Attachments(ctx context.Context, matter string) ([]Attachment, error) {
	if uuid.Validate(matter) != nil {
		return nil, ErrNotFound
	}
	rows, err := s.pool.Query(ctx, `SELECT `+attachmentColumns+` FROM attachment
		WHERE id IN (SELECT attachment FROM matter_attachment WHERE matter = $1) ORDER BY at, id`, matter)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, scanAttachment)
	return list, classify(err)
}
