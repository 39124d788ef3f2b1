package app

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// manner is how the mail server treats one mail: the answer it gives at each step, or one of the two below.
type manner struct{ from, to, data, end, reset string }

const (
	hang = "hang" // says nothing, and keeps the connection
	shut = "shut" // closes the connection
)

// letter is a mail the server has taken over.
type letter struct {
	id, date, from, to, subject, text string
}

// mailServer speaks SMTP with whoever connects. Each mail is treated in the next manner; when none is left, it is taken.
type mailServer struct {
	t        *testing.T
	listener net.Listener
	address  string

	mu      sync.Mutex
	manners []manner
	begun   int // mails
	lines   int // connections
	taken   []letter
	over    chan struct{}
	served  sync.WaitGroup
}

func newMailServer(t *testing.T, manners ...manner) *mailServer {
	t.Helper()
	s := &mailServer{t: t, manners: manners, address: "127.0.0.1:0"}
	s.open()
	t.Cleanup(s.close)
	return s
}

// open listens, at the address it had before if it had one.
func (s *mailServer) open() {
	var err error
	s.listener, err = net.Listen("tcp", s.address)
	require.NoError(s.t, err)
	s.address, s.over = s.listener.Addr().String(), make(chan struct{})
	listener, over := s.listener, s.over
	s.served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.lines++
			s.mu.Unlock()
			s.served.Go(func() {
				defer conn.Close()
				s.serve(textproto.NewConn(conn), over)
			})
		}
	})
}

func (s *mailServer) close() {
	if s.over == nil {
		return
	}
	close(s.over)
	s.over = nil
	_ = s.listener.Close()
	s.served.Wait()
}

func (s *mailServer) config(t *testing.T) SMTP {
	t.Helper()
	host, port, err := net.SplitHostPort(s.address)
	require.NoError(t, err)
	number, err := net.LookupPort("tcp", port)
	require.NoError(t, err)
	return SMTP{Host: host, Port: number, From: "duban@zibo.example", TLS: "none"}
}

func (s *mailServer) received() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter{}, s.taken...)
}

// counts gives how many connections there were, and how many mails begun.
func (s *mailServer) counts() (lines, begun int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines, s.begun
}

// next is how the next mail is treated.
func (s *mailServer) next() manner {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	if len(s.manners) == 0 {
		return manner{}
	}
	m := s.manners[0]
	s.manners = s.manners[1:]
	return m
}

func (s *mailServer) serve(c *textproto.Conn, over <-chan struct{}) {
	// say gives an answer, the server's own or the one the manner asks for, and reports whether the talk goes on.
	say := func(usual, instead string) bool {
		switch instead {
		case "":
			instead = usual
		case hang:
			<-over
			return false
		case shut:
			return false
		}
		return c.PrintfLine("%s", instead) == nil && !strings.HasPrefix(instead, "421")
	}
	if !say("220 mail.zibo.example ESMTP", "") {
		return
	}
	var m manner
	for {
		command, err := c.ReadLine()
		if err != nil {
			return
		}
		var on bool
		switch verb := strings.ToUpper(command[:min(4, len(command))]); verb {
		case "EHLO":
			on = say("250-mail.zibo.example\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME", "")
		case "MAIL":
			m = s.next()
			on = say("250 2.1.0 ok", m.from)
		case "RCPT":
			on = say("250 2.1.5 ok", m.to)
		case "DATA":
			if on = say("354 go on", m.data); !on || m.data != "" {
				break
			}
			l, err := read(c.DotReader())
			if err != nil {
				return
			}
			if m.end == "" {
				s.mu.Lock()
				s.taken = append(s.taken, l)
				s.mu.Unlock()
			}
			on = say("250 2.0.0 taken", m.end)
		case "RSET":
			on = say("250 2.0.0 ok", m.reset)
			m = manner{}
		case "NOOP":
			on = say("250 2.0.0 ok", "")
		case "QUIT":
			say("221 2.0.0 bye", "")
			return
		default:
			on = say("502 5.5.1 unknown", "")
		}
		if !on {
			return
		}
	}
}

// read takes a mail apart as its reader's program does.
func read(r io.Reader) (letter, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return letter{}, err
	}
	var body io.Reader
	switch encoding := m.Header.Get("Content-Transfer-Encoding"); encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(m.Body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, m.Body)
	default:
		return letter{}, errors.New("encoded as " + encoding)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return letter{}, err
	}
	var words mime.WordDecoder
	subject, err := words.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return letter{}, err
	}
	to, err := m.Header.AddressList("To")
	if err != nil {
		return letter{}, err
	}
	return letter{id: m.Header.Get("Message-ID"), date: m.Header.Get("Date"), from: m.Header.Get("From"),
		to: to[0].Name + " " + to[0].Address, subject: subject, text: strings.ReplaceAll(string(text), "\r\n", "\n")}, nil
}
