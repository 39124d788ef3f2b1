package rehearsal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"duban/api"
)

// booth stands for the public pages: it takes a ballot for solved work and the code it gave, and no other.
type booth struct {
	mu    sync.Mutex
	cast  map[string][]string // number -> choices
	where map[string]int      // district -> ballots
	over  bool
}

func (b *booth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.over:
		http.Error(w, "over", http.StatusConflict)
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/ballot"):
		_, _ = io.WriteString(w, `<input name="request" value="0123456789abcdef"><option value="">x</option><option value="zhangdian">a</option><option value="boshan">b</option>`)
	case strings.HasSuffix(r.URL.Path, "/challenge"):
		_, _ = io.WriteString(w, `{"challenge":"c","bits":8}`)
	case strings.HasSuffix(r.URL.Path, "/code"):
		if sum := sha256.Sum256([]byte("c:" + r.PostFormValue("solution"))); sum[0] != 0 {
			http.Error(w, "no work", http.StatusUnprocessableEntity)
			return
		}
		_, _ = io.WriteString(w, `{"said":"sent","token":"token of `+r.PostFormValue("number")+`"}`)
	default:
		number := r.PostFormValue("number")
		if r.PostFormValue("token") != "token of "+number || r.PostFormValue("code") != "code of "+number || r.PostFormValue("request") != "0123456789abcdef" {
			http.Error(w, "wrong", http.StatusUnprocessableEntity)
			return
		}
		b.cast[number] = r.PostForm["choice"]
		b.where[r.PostFormValue("district")]++
		_, _ = fmt.Fprintf(w, `<a href="verify#RECEIPT-%d">`, len(b.cast))
	}
}

func TestCitizensVoteAsABrowserDoes(t *testing.T) {
	b := &booth{cast: map[string][]string{}, where: map[string]int{}}
	server := httptest.NewServer(b)
	defer server.Close()
	citizens := &Citizens{URL: server.URL, Code: func(_ context.Context, round, number, token string) (string, error) {
		if round != "r" || token != "token of "+number {
			return "", errors.New("another round")
		}
		return "code of " + number, nil
	}}
	p := api.Poll{Least: 2, Most: 3, Summary: api.PollSummary{ID: "r"}}
	for i := range 5 {
		p.Options = append(p.Options, api.PollOption{ID: fmt.Sprint("o", i), Title: fmt.Sprint("经验", i), Number: i + 1})
	}
	if err := citizens.Vote(t.Context(), p, 7); err != nil {
		t.Fatal(err)
	}
	if len(b.cast) != 7 || b.where["zhangdian"] != 4 || b.where["boshan"] != 3 {
		t.Errorf("%d voted, %v", len(b.cast), b.where)
	}
	for number, choices := range b.cast {
		if len(choices) < p.Least || len(choices) > p.Most {
			t.Errorf("%s chose %v", number, choices)
		}
	}
	if receipt, err := citizens.Cast(t.Context(), "r", "13900009999", "boshan", []string{"o1", "o2"}); err != nil || receipt != "RECEIPT-8" {
		t.Errorf("receipt %q (%v)", receipt, err)
	}
	b.over = true
	if err := citizens.Vote(t.Context(), p, 1); !errors.Is(err, errPage) {
		t.Errorf("a closed vote: %v", err)
	}
}
