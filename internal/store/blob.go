package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/internal/disk"
	"duban/internal/procedure"
)

// MaxBlob is the greatest size of an attachment in bytes.
const MaxBlob = 50 << 20

// The codes by which an attachment is refused.
const (
	CodeTooLarge  = "attachment-too-large"
	CodeEmpty     = "attachment-empty"
	CodeType      = "attachment-type"      // no kind of file that is taken
	CodeDisguised = "attachment-disguised" // its bytes are not what its name says
	CodeBomb      = "attachment-bomb"      // it unpacks to too much
)

// refusal is an attachment's; the sender can put it right.
func refusal(code string) error { return &procedure.Refusal{Code: code, Input: true} }

// Blobs keeps the bytes of attachments in a folder, each file once, under its digest.
type Blobs struct{ folder string }

// Blob is a file kept.
type Blob struct {
	Digest string // SHA-256, hexadecimal
	Size   int64
	Type   string // media type
}

// abandoned is the age from which a file half written is nobody's any more.
const abandoned = 24 * time.Hour

// OpenBlobs uses a folder, and makes it if need be; other processes may use it too. Files left half written long ago
// are removed.
func OpenBlobs(folder string) (*Blobs, error) {
	b := &Blobs{folder: folder}
	if err := os.MkdirAll(b.incoming(), 0o700); err != nil {
		return nil, err
	}
	left, err := os.ReadDir(b.incoming())
	if err != nil {
		return nil, err
	}
	for _, file := range left {
		info, err := file.Info()
		if err == nil && time.Since(info.ModTime()) > abandoned {
			err = os.Remove(filepath.Join(b.incoming(), file.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return b, nil
}

func (b *Blobs) incoming() string { return filepath.Join(b.folder, "incoming") }

// place spreads files over folders by the digest's first two digits.
func (b *Blobs) place(digest string) string { return filepath.Join(b.folder, digest[:2], digest) }

// Put keeps what r gives, once it is found to be what name says, and is on disk for good. A *procedure.Refusal says
// why it is not taken, ErrFull that there is no room; nothing is left of it then.
func (b *Blobs) Put(name string, r io.Reader) (Blob, error) {
	kind, ok := kinds[strings.ToLower(filepath.Ext(name))]
	if !ok {
		return Blob{}, refusal(CodeType)
	}
	file, err := os.CreateTemp(b.incoming(), "")
	if err != nil {
		return Blob{}, roomless(err)
	}
	blob, err := b.keep(file, kind, r)
	if err != nil {
		return Blob{}, roomless(errors.Join(err, os.Remove(file.Name())))
	}
	return blob, nil
}

// roomless puts an error for want of room under ErrFull.
func roomless(err error) error {
	if disk.Full(err) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

func (b *Blobs) keep(file *os.File, kind kind, r io.Reader) (blob Blob, err error) {
	digest := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, digest), io.LimitReader(r, MaxBlob+1))
	switch {
	case err != nil:
	case size > MaxBlob:
		err = refusal(CodeTooLarge)
	case size == 0:
		err = refusal(CodeEmpty)
	default:
		err = kind.check(file, size)
	}
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return Blob{}, err
	}
	blob = Blob{Digest: hex.EncodeToString(digest.Sum(nil)), Size: size, Type: kind.media}
	return blob, b.settle(file.Name(), b.place(blob.Digest))
}

// settle moves a complete file to its place; the same bytes may be there already.
func (b *Blobs) settle(from, to string) error {
	folder := filepath.Dir(to)
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	} else if err == nil {
		if err := syncFolder(b.folder); err != nil {
			return err
		}
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(folder)
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Open gives the bytes of a digest. ErrNotFound: they are not here.
func (b *Blobs) Open(digest string) (*os.File, error) {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size {
		return nil, ErrNotFound
	}
	file, err := os.Open(b.place(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return file, err
}
