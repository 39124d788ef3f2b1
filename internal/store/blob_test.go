package store_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

type part struct{ name, content string }

func packaged(t *testing.T, parts ...part) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		require.NoError(t, err)
		_, err = io.WriteString(w, p.content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

// lying is a package whose directory says its one entry is small.
func lying(t *testing.T, size int) string {
	t.Helper()
	b := []byte(packaged(t, part{"a.txt", strings.Repeat("\x00", size)}))
	at := bytes.Index(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[at+24:], 10)
	return string(b)
}

// utf16 writes ASCII as the older office programs name their streams.
func utf16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(0)
	}
	return b.String() + "\x00\x00"
}

const compoundHead = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

func TestBlobsTakeWhatIsWhatItsNameSays(t *testing.T) {
	folder := t.TempDir()
	blobs, err := store.OpenBlobs(folder)
	require.NoError(t, err)
	types := part{"[Content_Types].xml", "<Types/>"}
	xlsx := packaged(t, types, part{"xl/workbook.xml", "<workbook/>"})
	for name, content := range map[string]string{
		"方案.pdf": "%PDF-1.7\n…",
		"旧.DOC":  compoundHead + strings.Repeat("x", 70_000) + utf16("WordDocument"),
		"旧.xls":  compoundHead + utf16("Workbook"),
		"旧.ppt":  compoundHead + utf16("PowerPoint Document"),
		"稿.wps":  compoundHead + utf16("WordDocument"),
		"新稿.wps": packaged(t, part{"word/document.xml", "x"}),
		"稿.docx": packaged(t, types, part{"word/document.xml", "x"}, part{"word/embeddings/1.xlsx", xlsx}),
		"表.xlsx": xlsx,
		"片.pptx": packaged(t, types, part{"ppt/presentation.xml", "x"}),
		"文.ofd":  packaged(t, part{"OFD.xml", "x"}),
		"包.zip":  packaged(t, part{"表.xlsx", xlsx}),
		"图.jpg":  "\xff\xd8\xff\xe0…",
		"图.png":  "\x89PNG\r\n\x1a\n…",
		"说明.txt": "第一行\r\n第二行\t末",
		"国标.csv": "\xd0\xd5\xc3\xfb,\xb5\xa5\xce\xbb\r\n",
		"宽码.csv": "\xff\xfea\x00,\x00",
		"满.txt":  strings.Repeat("满", store.MaxBlob/3),
	} {
		blob, err := blobs.Put(name, strings.NewReader(content))
		require.NoError(t, err, name)
		sum := sha256.Sum256([]byte(content))
		assert.Equal(t, hex.EncodeToString(sum[:]), blob.Digest, name)
		assert.EqualValues(t, len(content), blob.Size, name)
		file, err := blobs.Open(blob.Digest)
		require.NoError(t, err, name)
		got, err := io.ReadAll(file)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		assert.True(t, string(got) == content, name)
		again, err := blobs.Put(name, strings.NewReader(content))
		require.NoError(t, err)
		assert.Equal(t, blob, again)
	}
	_, err = blobs.Open(strings.Repeat("0", 64))
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = blobs.Open("../../etc/passwd")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

func TestBlobsRefuse(t *testing.T) {
	folder := t.TempDir()
	blobs, err := store.OpenBlobs(folder)
	require.NoError(t, err)
	executable := "MZ\x90\x00\x03\x00\x00\x00" + strings.Repeat("\x00", 200)
	elf := "\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 200)
	var many []part
	for i := range 10_001 {
		many = append(many, part{string(rune('a'+i%26)) + strings.Repeat("x", i%50) + string(rune('A'+i/1300)), ""})
	}
	nested := packaged(t, part{"a.txt", "a"})
	for range 4 {
		nested = packaged(t, part{"a.zip", nested})
	}
	inner := packaged(t, part{"a.txt", strings.Repeat("\x00", 15<<20)})
	whole := packaged(t, part{"a.txt", "a"})
	for name, c := range map[string]struct{ file, content, code string }{
		"a kind that is not taken":               {"安装.exe", executable, store.CodeType},
		"no extension":                           {"安装", "x", store.CodeType},
		"nothing in it":                          {"空.txt", "", store.CodeEmpty},
		"60 MB":                                  {"大.txt", strings.Repeat("a", 60<<20), store.CodeTooLarge},
		"one byte too many":                      {"大.txt", strings.Repeat("a", store.MaxBlob+1), store.CodeTooLarge},
		"a renamed executable":                   {"方案.pdf", executable, store.CodeDisguised},
		"a renamed executable as text":           {"方案.txt", executable, store.CodeDisguised},
		"another system's executable as a table": {"表.csv", elf, store.CodeDisguised},
		"an executable as a document":            {"稿.docx", executable, store.CodeDisguised},
		"an installer as an older document":      {"稿.doc", compoundHead + utf16("SummaryInformation"), store.CodeDisguised},
		"a script as text":                       {"说明.txt", "#!/bin/sh\nrm -rf /\n", store.CodeDisguised},
		"an archive as a document":               {"稿.docx", whole, store.CodeDisguised},
		"a picture of the other kind":            {"图.png", "\xff\xd8\xff\xe0…", store.CodeDisguised},
		"a package cut off":                      {"包.zip", whole[:len(whole)-10], store.CodeDisguised},
		"a package whose directory lies":         {"包.zip", lying(t, 30<<20), store.CodeDisguised},
		"much from little":                       {"包.zip", packaged(t, part{"a.txt", strings.Repeat("\x00", 100<<20)}), store.CodeBomb},
		"too many entries":                       {"包.zip", packaged(t, many...), store.CodeBomb},
		"packages in packages without end":       {"包.zip", nested, store.CodeBomb},
		"packages that are much together":        {"包.zip", packaged(t, part{"1.zip", inner}, part{"2.zip", inner}, part{"3.zip", inner}), store.CodeBomb},
	} {
		_, err := blobs.Put(c.file, strings.NewReader(c.content))
		var refused *procedure.Refusal
		if assert.ErrorAs(t, err, &refused, name) {
			assert.Equal(t, c.code, refused.Code, name)
		}
	}
	var left []string
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left = append(left, path)
		}
		return err
	}))
	assert.Empty(t, left, "nothing refused is left")
}

type failing struct{ after io.Reader }

func (f failing) Read(p []byte) (int, error) {
	if n, err := f.after.Read(p); err == nil {
		return n, nil
	}
	return 0, io.ErrUnexpectedEOF
}

func TestBlobsKeepNothingOfAnUploadCutOff(t *testing.T) {
	folder := t.TempDir()
	blobs, err := store.OpenBlobs(folder)
	require.NoError(t, err)
	_, err = blobs.Put("说明.txt", failing{strings.NewReader("第一行")})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	entries, err := os.ReadDir(filepath.Join(folder, "incoming"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// A disk without room says so, and nothing half written is left on it.
func TestBlobsSayThatThereIsNoRoom(t *testing.T) {
	folder := t.TempDir()
	blobs, err := store.OpenBlobs(folder)
	require.NoError(t, err)
	_, err = blobs.Put("说明.txt", io.MultiReader(strings.NewReader("第一行"), iotest.ErrReader(&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})))
	require.ErrorIs(t, err, store.ErrFull)
	entries, err := os.ReadDir(filepath.Join(folder, "incoming"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestAttachmentsFollowTheirMatter(t *testing.T) {
	s := storetest.New(t)
	blob := store.Blob{Digest: strings.Repeat("ab", 32), Size: 3, Type: "text/plain"}
	mine, err := s.PutAttachmentOnce(t.Context(), uuid.NewString(), "方案.txt", blob, "me")
	require.NoError(t, err)
	got, err := s.Attachment(t.Context(), mine.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, mine, got)
	_, err = s.Attachment(t.Context(), "1", nil)
	require.ErrorIs(t, err, store.ErrNotFound)

	told := newStory(newSpec("附件", func(spec *procedure.Spec) {
		spec.Form["attachments"] = []byte(`[{"id":"` + mine.ID + `","name":"方案.txt"},"` + matterID() + `"]`)
	}))
	require.NoError(t, told.start(false))
	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	list, err := s.Attachments(t.Context(), told.spec.Matter)
	require.NoError(t, err)
	assert.Equal(t, []store.Attachment{mine}, list)
}
