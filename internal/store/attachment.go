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

// PutAttachment puts down a file whose bytes are kept already; it gets an id nobody can guess.
func (s *Store) PutAttachment(ctx context.Context, name string, b Blob, person string) (Attachment, error) {
	digest, err := hex.DecodeString(b.Digest)
	if err != nil {
		return Attachment{}, err
	}
	a := Attachment{ID: uuid.NewString(), Digest: b.Digest, Name: name, Size: b.Size, Type: b.Type, Person: person}
	err = s.pool.QueryRow(ctx, `INSERT INTO attachment (id, sha256, name, size, type, person) VALUES ($1, $2, $3, $4, $5, $6) RETURNING at`,
		a.ID, digest, a.Name, a.Size, a.Type, a.Person).Scan(instant{&a.At})
	return a, classify(err)
}

// Attachment gives a file's description. ErrNotFound: there is none, or none the person may see: one sees what one put
// there oneself, and what is attached to a matter one may see.
func (s *Store) Attachment(ctx context.Context, id, person string, sight Sight) (Attachment, error) {
	if uuid.Validate(id) != nil {
		return Attachment{}, ErrNotFound
	}
	var q query
	q.see(sight)
	rows, err := s.pool.Query(ctx, `SELECT `+attachmentColumns+` FROM attachment WHERE id = `+q.arg(id)+` AND (person = `+q.arg(person)+` OR EXISTS (
			SELECT FROM matter_attachment l JOIN matter ON matter.id = l.matter WHERE l.attachment = attachment.id AND `+q.conditions()+`))`, q.args...)
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
