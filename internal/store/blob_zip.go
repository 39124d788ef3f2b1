package store

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
)

// What a package may unpack to: entries, bytes, and bytes for each byte of it once there are many; and how many
// packages may lie within one another (a table within a document within an archive).
const (
	maxEntries  = 10_000
	maxUnpacked = 500 << 20
	maxRatio    = 150
	manyBytes   = 20 << 20
	maxDepth    = 3
)

// zipEncrypted is the flag of an entry under a password.
const zipEncrypted = 1

// budget is what is left of the limits, for a package and those within it together.
type budget struct {
	entries int
	bytes   int64
}

// packed checks for a package with these parts that is no bomb.
func packed(parts ...string) func(io.ReaderAt, int64) error {
	return func(r io.ReaderAt, size int64) error {
		b := budget{entries: maxEntries, bytes: max(manyBytes, min(maxUnpacked, maxRatio*size))}
		return b.unpack(r, size, 1, parts)
	}
}

// unpack believes the directory when it says too much, and reads everything when it does not.
func (b *budget) unpack(r io.ReaderAt, size int64, depth int, parts []string) error {
	if depth > maxDepth {
		return refusal(CodeBomb)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return refusal(CodeDisguised)
	}
	if b.entries -= len(z.File); b.entries < 0 {
		return refusal(CodeBomb)
	}
	var names []string
	claimed := uint64(0)
	for _, f := range z.File {
		names = append(names, f.Name)
		if claimed += f.UncompressedSize64; f.UncompressedSize64 > maxUnpacked || claimed > uint64(b.bytes) {
			return refusal(CodeBomb)
		}
		if f.Flags&zipEncrypted != 0 { // what it holds cannot be looked at
			return refusal(CodeType)
		}
	}
	for _, part := range parts {
		if !slices.Contains(names, part) {
			return refusal(CodeDisguised)
		}
	}
	for _, f := range z.File {
		if err := b.read(f, depth); err != nil {
			return err
		}
	}
	return nil
}

func (b *budget) read(f *zip.File, depth int) error {
	in, err := f.Open()
	if err != nil {
		return refusal(CodeType) // packed in a way we cannot look into
	}
	defer in.Close()
	head := make([]byte, 4)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return refusal(CodeDisguised)
	}
	b.bytes -= int64(n)
	if bytes.Equal(head[:n], []byte("PK\x03\x04")) {
		return b.within(io.MultiReader(bytes.NewReader(head), in), depth)
	}
	return b.drain(io.Discard, in)
}

// drain reads to the end as far as the budget goes.
func (b *budget) drain(to io.Writer, in io.Reader) error {
	n, err := io.Copy(to, io.LimitReader(in, b.bytes+1))
	if b.bytes -= n; b.bytes < 0 {
		return refusal(CodeBomb)
	}
	var disk *fs.PathError
	if err != nil && !errors.As(err, &disk) {
		return refusal(CodeDisguised)
	}
	return err
}

// within looks into a package in a package.
func (b *budget) within(in io.Reader, depth int) (err error) {
	file, err := os.CreateTemp("", "duban-package-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	if err := b.drain(file, in); err != nil {
		return err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return b.unpack(file, size, depth+1, nil)
}
