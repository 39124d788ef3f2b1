package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"duban/internal/client"
)

// Of what a stream says, changes of matters are told, and that some were missed; with the stream the telling ends.
func TestChangesAreToldUntilTheStreamEnds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, ": here\nretry: 2000\n\nid: 1\nevent: reset\ndata: {}\n\n"+
			"id: 2\nevent: matter\ndata: {\"matter\":\"one\",\"sequence\":3}\n\n"+
			"id: 3\nevent: notification\ndata: {\"unread\":1}\n\n: alive\n\n"+
			"id: 4\nevent: matter\ndata: {\"matter\":\"two\",\"sequence\":1}\n\n")
	}))
	defer server.Close()
	changes, err := client.New(server.URL, nil).Changes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for id := range changes {
		told = append(told, id)
	}
	if !slices.Equal(told, []string{"", "one", "two"}) {
		t.Errorf("told %q", told)
	}
}
