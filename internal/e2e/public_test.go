package e2e

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"duban/api"
	"duban/internal/rehearsal"
)

// citizens vote on the public pages of a program that has no gateway: it shows the codes in its log.
type citizens struct {
	rehearsal.Citizens
	program  *Program
	told     int // codes read so far
	receipts []string
	heads    []byte // of the log, as they were published after the last of them had cast
}

var shownCode = regexp.MustCompile(`code=(\d{6})`)

// vote lets five people of the first district of the roll vote for the first options, the favourites in the order of the list.
func (c *citizens) vote(ctx context.Context, p api.Poll) error {
	c.Citizens = rehearsal.Citizens{URL: c.program.URL, Code: c.code}
	var options []string
	for _, o := range p.Options {
		options = append(options, o.ID)
	}
	for i := range 5 {
		receipt, err := c.Cast(ctx, p.Summary.ID, fmt.Sprintf("1380000%04d", i), "zhangdian", options[:min(len(options), 1+2*i, p.Most)])
		if err != nil {
			return err
		}
		c.receipts = append(c.receipts, receipt)
	}
	var err error
	c.heads, err = c.Get(ctx, "/vote/"+p.Summary.ID+"/files/heads.txt")
	return err
}

// code reads the code that was just asked for: the log comes through a pipe.
func (c *citizens) code(ctx context.Context, _, _, _ string) (string, error) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if codes := shownCode.FindAllStringSubmatch(c.program.Output(), -1); len(codes) > c.told {
			c.told = len(codes)
			return codes[len(codes)-1][1], nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-again.C:
		}
	}
}
