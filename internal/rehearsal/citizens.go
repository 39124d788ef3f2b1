package rehearsal

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"duban/api"
)

// Citizens are invented people of the public. They vote on the public pages as a browser does: they work for a code, are told
// it, and cast.
type Citizens struct {
	URL       string
	Transport http.RoundTripper
	// Code tells what was sent to a mobile number for a round, with the token that whoever asked was given.
	Code func(ctx context.Context, round, number, token string) (string, error)
}

// A ballot page offers its districts and knows itself by what it is sent with; the page after it has the receipt.
var (
	offered  = regexp.MustCompile(`<option value="([^"]+)"`)
	numbered = regexp.MustCompile(`name="request" value="([^"]+)"`)
	receipt  = regexp.MustCompile(`verify#([0-9A-Za-z-]+)|([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})`)
)

// errPage says that a page is not what a browser would find there.
var errPage = errors.New("rehearsal: another page than expected")

// Vote lets so many people vote in a round, each for some of its options, in the districts by turns.
func (c *Citizens) Vote(ctx context.Context, p api.Poll, people int) error {
	page, err := c.Get(ctx, "/vote/"+p.Summary.ID+"/ballot")
	if err != nil {
		return err
	}
	districts := offered.FindAllStringSubmatch(string(page), -1)
	if len(districts) == 0 {
		return fmt.Errorf("%w: no district is offered", errPage)
	}
	for i := range people {
		number := fmt.Sprintf("1390000%04d", i)
		choices := Choices(p, number)
		choices = choices[:max(min(p.Least, len(choices)), 1+pick(number+p.Summary.ID, len(choices)))]
		if _, err := c.Cast(ctx, p.Summary.ID, number, districts[i%len(districts)][1], choices); err != nil {
			return err
		}
	}
	return nil
}

// Cast casts one person's ballot and gives its receipt.
func (c *Citizens) Cast(ctx context.Context, round, number, district string, choices []string) (string, error) {
	at := "/vote/" + round
	page, err := c.Get(ctx, at+"/ballot")
	if err != nil {
		return "", err
	}
	request := numbered.FindSubmatch(page)
	if request == nil {
		return "", fmt.Errorf("%w: no ballot to fill in", errPage)
	}
	body, err := c.Get(ctx, at+"/challenge")
	if err != nil {
		return "", err
	}
	var work struct {
		Challenge string `json:"challenge"`
		Bits      int    `json:"bits"`
	}
	if err := json.Unmarshal(body, &work); err != nil {
		return "", fmt.Errorf("%w: %w", errPage, err)
	}
	if body, err = c.send(ctx, http.MethodPost, at+"/code", url.Values{"number": {number}, "challenge": {work.Challenge},
		"solution": {solved(work.Challenge, work.Bits)}}); err != nil {
		return "", err
	}
	var sent struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return "", fmt.Errorf("%w: %w", errPage, err)
	}
	code, err := c.Code(ctx, round, number, sent.Token)
	if err != nil {
		return "", err
	}
	page, err = c.send(ctx, http.MethodPost, at+"/ballot", url.Values{"number": {number}, "token": {sent.Token}, "code": {code}, "district": {district},
		"choice": choices, "request": {string(request[1])}})
	if err != nil {
		return "", err
	}
	given := receipt.FindStringSubmatch(string(page))
	if given == nil {
		return "", fmt.Errorf("%w: no receipt", errPage)
	}
	return given[1] + given[2], nil
}

// Get gives a public page or file.
func (c *Citizens) Get(ctx context.Context, path string) ([]byte, error) {
	return c.send(ctx, http.MethodGet, path, nil)
}

// send gives the body of an answer that says it went well.
func (c *Citizens) send(ctx context.Context, method, path string, form url.Values) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := (&http.Client{Transport: c.Transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%w: %s: %s", errPage, path, answer.Status)
	}
	return body, err
}

// solved is the work a code costs: a number whose hash with the challenge begins with so many zero bits.
func solved(challenge string, zeros int) string {
	for n := 0; ; n++ {
		solution := strconv.Itoa(n)
		sum := sha256.Sum256([]byte(challenge + ":" + solution))
		if bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:])) >= zeros {
			return solution
		}
	}
}
