package store

import (
	"context"
	"encoding/hex"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

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
