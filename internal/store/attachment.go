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

// PutAttachmentOnce puts down a file whose bytes are kept already, under an id the caller chose, so that a repetition gives
// the file put there first. ErrKeyReused: another file, or another person's, is there under the id.
func (s *Store) PutAttachmentOnce(ctx context.Context, id, name string, b Blob, person string) (Attachment, error) {
	digest, err := hex.DecodeString(b.Digest)
	if err != nil {
		return Attachment{}, err
	}
	var a Attachment
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO attachment (id, sha256, name, size, type, person) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO NOTHING`, id, digest, name, b.Size, b.Type, person); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+attachmentColumns+` FROM attachment WHERE id = $1`, id)
		if err != nil {
			return err
		}
		a, err = pgx.CollectExactlyOneRow(rows, scanAttachment)
		return err
	})
	if err == nil && (a.Digest != b.Digest || a.Name != name || a.Person != person) {
		return Attachment{}, ErrKeyReused
	}
	return a, err
}

// AttachmentKnown reports whether an id is an attachment's at all, whoever may see it.
func (s *Store) AttachmentKnown(ctx context.Context, id string) (known bool, err error) {
	if uuid.Validate(id) != nil {
		return false, nil //nolint:nilerr // what is no id is nobody's
	}
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM attachment WHERE id = $1)`, id).Scan(&known)
	return known, classify(err)
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
