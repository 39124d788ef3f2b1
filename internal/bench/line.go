package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"duban/internal/identity"
	"duban/internal/poll"
	"duban/internal/public"
)

// line is one voter's browser after another on one connection. The load shares the processors with what it measures, so it
// is made with as little as HTTP takes; the server is asked the same.
type line struct {
	host string
	conn net.Conn
	in   *bufio.Reader
	out  bytes.Buffer
	body bytes.Buffer
	stop func() bool
}

// lines opens a connection for each client; they end with the context.
func (b *bench) lines(ctx context.Context, clients int) ([]*line, error) {
	at, err := url.Parse(b.URL)
	if err != nil {
		return nil, err
	}
	var all []*line
	var dialer net.Dialer
	for range clients {
		conn, err := dialer.DialContext(ctx, "tcp", at.Host)
		if err != nil {
			hangUp(all)
			return nil, err
		}
		l := &line{host: at.Host, conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}
		l.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		all = append(all, l)
	}
	return all, nil
}

func hangUp(all []*line) {
	for _, l := range all {
		l.stop()
		_ = l.conn.Close()
	}
}

// errVote says a ballot was not answered with a receipt.
var errVote = errors.New("no receipt")

// vote casts a voter's ballot as a browser does once its page has asked for the code.
func (l *line) vote(r poll.Round, key identity.VoterKey, voter int64) error {
	number := strconv.FormatInt(130_0000_0000+voter, 10)
	l.body.Reset()
	token := public.Token(key, number, time.Now())
	fmt.Fprintf(&l.body, "request=%032x&district=%s&number=%s&token=%s&code=%s", voter, districtOf(voter), number, token, public.Code(key, number, token))
	for _, id := range chosen(voter) {
		l.body.WriteString("&choice=" + id)
	}
	l.out.Reset()
	fmt.Fprintf(&l.out, "POST /vote/%s/ballot HTTP/1.1\r\nHost: %s\r\nUser-Agent: duban-bench\r\nOrigin: http://%s\r\nSec-Fetch-Site: same-origin\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", r.ID, l.host, l.host, l.body.Len())
	l.out.Write(l.body.Bytes())
	if _, err := l.conn.Write(l.out.Bytes()); err != nil {
		return err
	}
	return l.answered()
}

// answered reads an answer whose length is said, to its end.
func (l *line) answered() error {
	status, err := l.in.ReadString('\n')
	if err != nil {
		return err
	}
	length := 0
	for {
		header, err := l.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		name, value, more := bytes.Cut(bytes.TrimSpace(header), []byte(": "))
		if !more {
			break
		}
		if string(name) == "Content-Length" {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	if _, err := l.in.Discard(length); err != nil {
		return err
	}
	if !strings.HasPrefix(status, "HTTP/1.1 200 ") || length == 0 {
		return fmt.Errorf("%w: %s", errVote, strings.TrimSpace(status))
	}
	return nil
}
