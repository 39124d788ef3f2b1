package store

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"unicode/utf16"
)

// kind is a kind of file that is taken: its media type, and the check that bytes are of it.
type kind struct {
	media string
	check func(r io.ReaderAt, size int64) error
}

// kinds are all that are taken, by extension. What is not text is told by its first bytes, and packages by their parts.
var kinds = map[string]kind{
	".pdf":  {"application/pdf", startsWith("%PDF-")},
	".doc":  {"application/msword", compound("WordDocument")},
	".xls":  {"application/vnd.ms-excel", compound("Workbook", "Book")},
	".ppt":  {"application/vnd.ms-powerpoint", compound("PowerPoint Document")},
	".wps":  {"application/vnd.ms-works", either(compound("WordDocument", "Contents"), packed("word/document.xml"))},
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", packed("[Content_Types].xml", "word/document.xml")},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", packed("[Content_Types].xml", "xl/workbook.xml")},
	".pptx": {"application/vnd.openxmlformats-officedocument.presentationml.presentation", packed("[Content_Types].xml", "ppt/presentation.xml")},
	".ofd":  {"application/ofd", packed("OFD.xml")},
	".zip":  {"application/zip", packed()},
	".jpg":  {"image/jpeg", startsWith("\xff\xd8\xff")},
	".jpeg": {"image/jpeg", startsWith("\xff\xd8\xff")},
	".png":  {"image/png", startsWith("\x89PNG\r\n\x1a\n")},
	".txt":  {"text/plain", text},
	".csv":  {"text/csv", text},
}

func startsWith(magic string) func(io.ReaderAt, int64) error {
	return func(r io.ReaderAt, _ int64) error { return begins(r, magic) }
}

func begins(r io.ReaderAt, magic string) error {
	head := make([]byte, len(magic))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(head) != magic {
		return refusal(CodeDisguised)
	}
	return nil
}

// compound checks for a file of the older office programs, [MS-CFB], with one of these streams: installers have the
// same first bytes.
func compound(streams ...string) func(io.ReaderAt, int64) error {
	var names [][]byte
	for _, stream := range streams {
		var name []byte
		for _, unit := range utf16.Encode([]rune(stream)) {
			name = append(name, byte(unit), byte(unit>>8))
		}
		names = append(names, append(name, 0, 0))
	}
	return func(r io.ReaderAt, size int64) error {
		if err := begins(r, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"); err != nil {
			return err
		}
		found, err := contains(io.NewSectionReader(r, 0, size), names)
		if err == nil && !found {
			err = refusal(CodeDisguised)
		}
		return err
	}
}

// contains looks for any of the names in a stream, also across the pieces it is read in.
func contains(r io.Reader, names [][]byte) (bool, error) {
	const overlap = 128 // longer than any name
	buffer := make([]byte, overlap+64<<10)
	kept := 0
	for {
		n, err := io.ReadFull(r, buffer[kept:])
		window := buffer[:kept+n]
		if slices.ContainsFunc(names, func(name []byte) bool { return bytes.Contains(window, name) }) {
			return true, nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buffer, window[len(window)-overlap:])
	}
}

func either(checks ...func(io.ReaderAt, int64) error) func(io.ReaderAt, int64) error {
	return func(r io.ReaderAt, size int64) error {
		var err error
		for _, check := range checks {
			if err = check(r, size); err == nil {
				return nil
			}
		}
		return err
	}
}

// text checks for text in whatever encoding: no control characters but those that lay text out. UTF-16 says that it is
// by its first two bytes.
func text(r io.ReaderAt, size int64) error {
	if begins(r, "\xff\xfe") == nil || begins(r, "\xfe\xff") == nil {
		return nil
	}
	for _, magic := range []string{"%PDF-", "#!", "MZ", "PK\x03\x04"} {
		if begins(r, magic) == nil {
			return refusal(CodeDisguised)
		}
	}
	in, buffer := io.NewSectionReader(r, 0, size), make([]byte, 64<<10)
	for {
		n, err := in.Read(buffer)
		if slices.ContainsFunc(buffer[:n], func(b byte) bool {
			return b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a
		}) {
			return refusal(CodeDisguised)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
