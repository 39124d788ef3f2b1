package e2e

import (
	"context"
	"crypto/sha256"
	be "encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/api"
)

// citizens vote on the public pages of a program as a browser does: they work for a code, read it where the program that
// has no gateway shows it, and cast.
type citizens struct {
	program  *Program
	receipts []string
}

var (
	shownCode    = regexp.MustCompile(`code=(\d{6})`)
	shownReceipt = regexp.MustCompile(`verify#([0-9A-Za-z-]+)|([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})`)
)

// vote lets five people of the first district of the roll vote for the first options, the favourites in the order of the list.
func (c *citizens) vote(ctx context.Context, p api.Poll) error {
	var options []string
	for _, o := range p.Options {
		options = append(options, o.ID)
	}
	for i := range 5 {
		if err := c.cast(ctx, p.Summary.ID, fmt.Sprintf("1380000%04d", i), "zhangdian", options[:min(len(options), 1+2*i, p.Most)]); err != nil {
			return err
		}
	}
	return nil
}

func (c *citizens) cast(ctx context.Context, round, number, district string, choices []string) error {
	base := c.program.URL + "/vote/" + round
	body, err := c.send(ctx, http.MethodGet, base+"/challenge", nil)
	if err != nil {
		return err
	}
	var work struct {
		Challenge string `json:"challenge"`
		Bits      int    `json:"bits"`
	}
	if err := json.Unmarshal(body, &work); err != nil {
		return err
	}
	before := shownCode.FindAllString(c.program.Output(), -1)
	if _, err := c.send(ctx, http.MethodPost, base+"/code", url.Values{"number": {number}, "challenge": {work.Challenge},
		"solution": {solved(work.Challenge, work.Bits)}}); err != nil {
		return err
	}
	codes := shownCode.FindAllStringSubmatch(c.program.Output(), -1)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for len(codes) == len(before) { // the log comes through a pipe
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
			codes = shownCode.FindAllStringSubmatch(c.program.Output(), -1)
		}
	}
	page, err := c.send(ctx, http.MethodPost, base+"/ballot", url.Values{"number": {number}, "code": {codes[len(codes)-1][1]},
		"district": {district}, "choice": choices, "request": {strings.Repeat(number[7:], 8)}})
	if err != nil {
		return err
	}
	receipt := slices.DeleteFunc(shownReceipt.FindStringSubmatch(string(page)), func(s string) bool { return s == "" })
	if len(receipt) == 0 {
		return fmt.Errorf("no receipt on the page: %s", page)
	}
	c.receipts = append(c.receipts, receipt[len(receipt)-1])
	return nil
}

func (c *citizens) send(ctx context.Context, method, address string, form url.Values) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", address, resp.StatusCode, body)
	}
	return body, err
}

// solved is the work a code costs.
func solved(challenge string, zeros int) string {
	for n := 0; ; n++ {
		solution := strconv.Itoa(n)
		sum := sha256.Sum256([]byte(challenge + ":" + solution))
		if bits.LeadingZeros32(be.BigEndian.Uint32(sum[:])) >= zeros {
			return solution
		}
	}
}
