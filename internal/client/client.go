// Package client speaks duban's HTTP interface as a person's browser does: for the rehearsal, the benchmarks and the
// tests that run the real program.
package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"duban/api"
)

// Client is one person's session.
type Client struct {
	base string
	http *http.Client
}

// New is a client without a session. A nil transport is the default one.
func New(base string, transport http.RoundTripper) *Client {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &Client{base: strings.TrimSuffix(base, "/"), http: &http.Client{Transport: transport, Jar: jar}}
}

// Problem is an answer that says why not.
type Problem struct {
	Status int
	api.Problem
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%d %s: %s %s", p.Status, p.Code, p.Title, p.Detail)
}

// Code is the stable code of a Problem, or empty.
func Code(err error) string {
	var p *Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// Key is a fresh idempotency key.
func Key() string { return rand.Text() }

// Do sends a request and reads the answer into out, unless out is nil. It returns the status.
func (c *Client) Do(ctx context.Context, method, path, key string, body, out any, header ...string) (int, error) {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return 0, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return c.send(req, out)
}

func (c *Client) send(req *http.Request, out any) (int, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, err
	}
	if resp.StatusCode >= 400 {
		p := &Problem{Status: resp.StatusCode}
		if err := json.Unmarshal(data, &p.Problem); err != nil {
			p.Title = string(data)
		}
		return resp.StatusCode, p
	}
	switch out := out.(type) {
	case nil:
		return resp.StatusCode, nil
	case *[]byte:
		*out = data
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.Unmarshal(data, out)
}

// Get reads a resource.
func Get[T any](ctx context.Context, c *Client, path string, query ...string) (T, error) {
	if len(query) > 0 {
		values := url.Values{}
		for i := 0; i+1 < len(query); i += 2 {
			values.Set(query[i], query[i+1])
		}
		path += "?" + values.Encode()
	}
	var out T
	_, err := c.Do(ctx, http.MethodGet, path, "", nil, &out)
	return out, err
}

// LogIn begins a session.
func (c *Client) LogIn(ctx context.Context, login, password string) error {
	_, err := c.Do(ctx, http.MethodPost, "/api/v1/sessions", Key(), api.Credentials{Login: login, Password: password}, nil)
	return err
}

// Create starts a matter under a key, and waits for its outcome where the platform could only accept it for now.
func (c *Client) Create(ctx context.Context, key string, m api.NewMatter) (api.Matter, error) {
	return c.command(ctx, "/api/v1/matters", key, m)
}

// Act acts on a matter under a key, and waits as Create does.
func (c *Client) Act(ctx context.Context, key, matter string, a api.Action) (api.Matter, error) {
	return c.command(ctx, "/api/v1/matters/"+matter+"/actions", key, a)
}

// Matter reads a matter as it stands.
func (c *Client) Matter(ctx context.Context, id string) (api.Matter, error) {
	return Get[api.Matter](ctx, c, "/api/v1/matters/"+id)
}

// Assignments reads one's to-dos.
func (c *Client) Assignments(ctx context.Context, query ...string) (api.AssignmentList, error) {
	return Get[api.AssignmentList](ctx, c, "/api/v1/assignments", query...)
}

// Events reads a matter's story, whole.
func (c *Client) Events(ctx context.Context, matter string) (api.EventList, error) {
	var story api.EventList
	for after := int64(0); ; {
		part, err := Get[api.EventList](ctx, c, "/api/v1/matters/"+matter+"/events", "limit", "500", "after", strconv.FormatInt(after, 10))
		story.Items = append(story.Items, part.Items...)
		if err != nil || part.Next == 0 {
			return story, err
		}
		after = part.Next
	}
}

// Changes tells of the matters that change, by their ids, until the context ends or the connection breaks; no id stands for
// changes that were missed. What changes after it has returned is told.
func (c *Client) Changes(ctx context.Context) (<-chan string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/api/v1/stream", nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req) //nolint:bodyclose // whoever tells of the changes closes it
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(&Problem{Status: resp.StatusCode}, resp.Body.Close())
	}
	changes := make(chan string, 64)
	go func() {
		defer close(changes)
		defer resp.Body.Close()
		event := ""
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			if name == "event" {
				event = value
			}
			var changed api.StreamMatter
			if name != "data" || event != "matter" && event != "reset" || json.Unmarshal([]byte(value), &changed) != nil {
				continue
			}
			select {
			case changes <- changed.Matter:
			case <-ctx.Done():
				return
			}
		}
	}()
	return changes, nil
}

// command posts one; on 202 it asks the journal until the command is settled.
func (c *Client) command(ctx context.Context, path, key string, body any) (api.Matter, error) {
	var data []byte
	status, err := c.Do(ctx, http.MethodPost, path, key, body, &data)
	if err != nil {
		return api.Matter{}, err
	}
	if status != http.StatusAccepted {
		var m api.Matter
		return m, json.Unmarshal(data, &m)
	}
	settled, err := c.Settled(ctx, key)
	if err != nil {
		return api.Matter{}, err
	}
	return c.Matter(ctx, settled.Matter)
}

// Settled waits until the journal knows what became of a command; a refusal is a Problem.
func (c *Client) Settled(ctx context.Context, key string) (api.CommandStatus, error) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		s, err := Get[api.CommandStatus](ctx, c, "/api/v1/commands/"+key)
		if err != nil {
			return s, err
		}
		switch s.State {
		case api.CommandStatusStateDone:
			return s, nil
		case api.CommandStatusStateRefused:
			return s, &Problem{Status: http.StatusConflict,
				Problem: api.Problem{Code: s.Refusal.Code, Title: s.Refusal.Message, Source: s.Refusal.Source}}
		}
		select {
		case <-ctx.Done():
			return s, ctx.Err()
		case <-ticker.C:
		}
	}
}

// Upload keeps a file, to be named in a form by its id.
func (c *Client) Upload(ctx context.Context, key, name string, content []byte) (api.Attachment, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return api.Attachment{}, err
	}
	if _, err := part.Write(content); err != nil {
		return api.Attachment{}, err
	}
	if err := form.Close(); err != nil {
		return api.Attachment{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/api/v1/attachments", &body)
	if err != nil {
		return api.Attachment{}, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Idempotency-Key", key)
	var kept api.Attachment
	_, err = c.send(req, &kept)
	return kept, err
}
