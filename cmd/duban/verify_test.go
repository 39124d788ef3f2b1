package main

import (
	"archive/zip"
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"duban/internal/message"
	"duban/internal/poll"
	"duban/internal/poll/polltest"
)

// vote publishes a round with one ballot into a folder, and gives its receipt.
func vote(t *testing.T) (folder, receipt string, signer note.Signer, key string) {
	t.Helper()
	secret, key, err := poll.NewKey(rand.Reader)
	require.NoError(t, err)
	signer, err = note.NewSigner(secret)
	require.NoError(t, err)
	seed, err := poll.NewSeed(rand.Reader)
	require.NoError(t, err)
	receipt, err = poll.NewReceipt(rand.Reader)
	require.NoError(t, err)
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	r := poll.Round{ID: "half-year.vote.1", Title: "互评初选", Options: []poll.Option{{ID: "a", Number: 1, Title: "最多跑一次"}, {ID: "b", Number: 2, Title: "一窗受理"}},
		Choices: poll.Choices{Min: 1, Max: 1}, Units: []poll.Unit{{ID: "boshan"}}, Opens: at, Closes: at.Add(time.Hour), Winners: 1, Formula: "unit",
		PublicCap: 1, Order: poll.OrderScore, Ties: []poll.Rule{poll.RuleDraw}, Draw: poll.Commit(seed)}
	require.NoError(t, r.Validate())
	e := poll.Entry{Mark: poll.Mark(r.ID, receipt), Class: poll.ClassUnit, Unit: "boshan", Choices: []string{"a"}, Status: poll.Counted}
	e.Leaf = poll.Leaf(r.ID, receipt, e.Class, e.Unit, e.Choices)
	root := poll.Edge{}.Append(e.Leaf).Root()
	result, err := poll.Decide(&r, polltest.Count(&r, []poll.Ballot{{Class: poll.ClassUnit, Choices: e.Choices}}), nil, poll.TieSeed(seed, root.String()))
	require.NoError(t, err)
	entries := []poll.Entry{e}
	files := map[string][]byte{poll.FileBallots: polltest.Ballots(seed, entries), poll.FileLeaves: polltest.Leaves(entries), poll.FileHeads: {}, poll.FileKey: []byte(key + "\n")}
	files[poll.FileRound], err = poll.WriteJSON(r)
	require.NoError(t, err)
	files[poll.FileResult], err = poll.WriteJSON(result)
	require.NoError(t, err)
	c := poll.Closing{Round: r.ID, Size: 1, Root: root, At: r.Closes, Seed: seed}
	for i, name := range poll.Bound() {
		c.Digests[i] = polltest.Digest(files[name])
	}
	closing, err := c.Sign(signer)
	require.NoError(t, err)
	files[poll.FileClosing] = []byte(closing)
	folder = t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	return folder, receipt, signer, key
}

func TestVerifyPoll(t *testing.T) {
	folder, receipt, _, _ := vote(t)
	code, out, errs := command(t, "verify", "poll", folder, "--receipt", poll.ShowReceipt(receipt))
	require.Zero(t, code, errs)
	assert.Contains(t, out, "最多跑一次")
	assert.Contains(t, out, "日志第 1 张，已计入")

	archive := filepath.Join(t.TempDir(), "vote.zip")
	file, err := os.Create(archive)
	require.NoError(t, err)
	writer := zip.NewWriter(file)
	require.NoError(t, writer.AddFS(os.DirFS(folder)))
	require.NoError(t, writer.Close())
	require.NoError(t, file.Close())
	code, _, errs = command(t, "verify", "poll", archive)
	require.Zero(t, code, errs)
	nested := filepath.Join(t.TempDir(), "nested.zip")
	file, err = os.Create(nested)
	require.NoError(t, err)
	writer = zip.NewWriter(file)
	require.NoError(t, writer.AddFS(os.DirFS(filepath.Dir(folder))))
	require.NoError(t, writer.Close())
	require.NoError(t, file.Close())
	code, _, errs = command(t, "verify", "poll", nested)
	require.Zero(t, code, errs)

	code, _, errs = command(t, "verify", "poll", archive, "--receipt", "2222-2222-2223")
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "请核对是否输错了字符")
	require.NoError(t, os.WriteFile(filepath.Join(folder, poll.FileResult), []byte("{}"), 0o600))
	code, _, errs = command(t, "verify", "poll", folder)
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "result.json 与封账凭证所载的校验值不符")
}

func TestVerifyDraw(t *testing.T) {
	_, _, signer, key := vote(t)
	seed, err := poll.NewSeed(rand.Reader)
	require.NoError(t, err)
	d := poll.Drawn{ID: "evaluation.draw", Title: "随机抽取", Commitment: poll.Commit(seed), Seed: seed, Groups: []poll.DrawnGroup{
		{Key: "boshan", Title: "博山区", List: []poll.DrawnItem{{Key: "1", Name: "一窗受理"}}, N: 1}}}
	require.NoError(t, d.Draw())
	text, err := d.Sign(signer, key)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "draw.txt")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	code, out, errs := command(t, "verify", "draw", name)
	require.Zero(t, code, errs)
	assert.Contains(t, out, "博山区（1 项中抽取）：一窗受理")
	require.NoError(t, os.WriteFile(name, []byte(text+"x"), 0o600))
	code, _, errs = command(t, "verify", "draw", name)
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "签名与公钥不符")
}

// Every fault of the verifier has a text.
func TestEveryFaultHasAText(t *testing.T) {
	names, err := filepath.Glob("../../internal/verifier/*.go")
	require.NoError(t, err)
	coded := regexp.MustCompile(`(?:check\(.*, |Fault\{)"([a-z-]+)", [^,]*[)}]`)
	found := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, match := range coded.FindAllStringSubmatch(string(text), -1) {
			found++
			assert.True(t, message.Has("verify.fault-"+match[1]), match[1])
		}
	}
	assert.Greater(t, found, 40)
}
