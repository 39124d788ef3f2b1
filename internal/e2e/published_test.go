package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"duban/internal/poll"
	"duban/internal/verifier"
)

var (
	resultRow = regexp.MustCompile(`<tr><td>(\d+)</td><th scope="row">(.*?)</th><td>(\d+)</td><td>(\d+)</td><td>(\d+)\.(\d{4})</td><td>(是?)</td></tr>`)
	listed    = regexp.MustCompile(`(?m)^  \d+\. (.*)$`)
	named     = regexp.MustCompile(`<li>([^<]*)</li>`)
)

// published holds what the public's pages publish of a counted vote against the program's own verifier: the result is the
// page's, every receipt is found and one never given is not, and a single bit changed in any file is noticed.
func published(t *testing.T, p *Program, round string, c *citizens) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	get := func(path string) []byte {
		t.Helper()
		body, err := c.Get(ctx, "/vote/"+round+path)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	write := func(folder, name string, content []byte) string {
		t.Helper()
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	verify := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, binary, append([]string{"verify", "poll"}, args...)...).CombinedOutput()
		return string(out), err
	}
	folder, files := t.TempDir(), map[string][]byte{}
	for _, name := range append(poll.Bound(), poll.FileClosing, poll.FileKey) {
		files[name] = get("/files/" + name)
		write(folder, name, files[name])
	}
	out, err := verify(folder)
	if err != nil {
		t.Fatal(out)
	}
	if zipped, err := verify(write(t.TempDir(), "vote.zip", get("/files.zip"))); err != nil || zipped != out {
		t.Errorf("the archive verifies otherwise than the files: %s", zipped)
	}
	if !bytes.HasPrefix(files[poll.FileHeads], c.heads) || len(c.heads) == 0 {
		t.Errorf("the heads kept while the vote was open are not the first of those published: %s", c.heads)
	}
	shown(t, string(get("/result")), out, files)
	for _, receipt := range c.receipts {
		if out, err := verify(folder, "--receipt", receipt); err != nil || !strings.Contains(out, "已计入") {
			t.Errorf("receipt %s: %s", receipt, out)
		}
	}
	never, err := poll.NewReceipt(strings.NewReader("never given"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := verify(folder, "--receipt", never); err == nil || !strings.Contains(out, "不在本轮公布的选票中") {
		t.Errorf("a receipt never given: %s", out)
	}
	spoilt(t, files, func(name string, content []byte) (string, error) {
		write(folder, name, content)
		out, err := verify(folder)
		write(folder, name, files[name])
		return out, err
	})
}

// shown holds the result's page against the file of the result and against what the verifier worked out.
func shown(t *testing.T, page, out string, files map[string][]byte) {
	t.Helper()
	var r poll.Round
	var result poll.Result
	if err := json.Unmarshal(files[poll.FileRound], &r); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(files[poll.FileResult], &result); err != nil {
		t.Fatal(err)
	}
	if r.Objections != 15 || !r.Counts.After(r.Closes) {
		t.Errorf("objections for %d days, closed at %s, counted from %s", r.Objections, r.Closes, r.Counts)
	}
	var rows, want []string
	for _, m := range resultRow.FindAllStringSubmatch(page, -1) {
		rows = append(rows, strings.Join([]string{m[1], html.UnescapeString(m[2]), m[3], m[4], m[5] + m[6], m[7]}, " "))
	}
	for _, row := range result.Rows {
		option, _ := r.Option(row.Option)
		wins := ""
		if row.Wins {
			wins = "是"
		}
		score := fmt.Sprintf("%05d", row.Score)
		want = append(want, strings.Join([]string{strconv.Itoa(row.Place), option.Title, strconv.Itoa(row.Unit), strconv.Itoa(row.Public), score, wins}, " "))
	}
	if !slices.Equal(rows, want) || len(rows) != len(r.Options) {
		t.Errorf("the page shows\n%s\nthe file says\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
	_, winners, _ := strings.Cut(page, "<ol>")
	winners, _, _ = strings.Cut(winners, "</ol>")
	var first, verified []string
	for _, m := range named.FindAllStringSubmatch(winners, -1) {
		first = append(first, html.UnescapeString(m[1]))
	}
	for _, m := range listed.FindAllStringSubmatch(out, -1) {
		verified = append(verified, m[1])
	}
	if !slices.Equal(first, verified) || len(first) != r.Winners {
		t.Errorf("the page names %q, the verifier %q", first, verified)
	}
}

// spoilt changes single bits of the files, a few of each by the command and many more in this process.
func spoilt(t *testing.T, files map[string][]byte, verify func(name string, content []byte) (string, error)) {
	t.Helper()
	random := rand.New(rand.NewPCG(4, 15)) // the same in every run
	for name, content := range files {
		if len(content) == 0 {
			t.Errorf("%s is empty", name)
			continue
		}
		flip := func() []byte {
			spoilt := bytes.Clone(content)
			spoilt[random.IntN(len(spoilt))] ^= 1 << random.IntN(8)
			return spoilt
		}
		if out, err := verify(name, flip()); err == nil {
			t.Errorf("a bit of %s changed, and the command says %s", name, out)
		}
		for range 200 {
			all := fstest.MapFS{}
			for other := range files {
				all[other] = &fstest.MapFile{Data: files[other]}
			}
			all[name].Data = flip()
			if _, err := verifier.Poll(all); err == nil {
				t.Errorf("a bit of %s changed, and nothing is found", name)
			}
		}
	}
}
