package app

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"duban/internal/message"
)

// Problem is one mistake in the configuration: English for the log, a key of the catalogue for people.
type Problem struct {
	key  string
	args map[string]any
	text string
}

func (p Problem) Error() string { return p.text }

// Message gives the key of the catalogue's text and its arguments.
func (p Problem) Message() (key string, args map[string]any) { return p.key, p.args }

// Problems are all the mistakes in a configuration.
type Problems []Problem

func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.text
	}
	return strings.Join(texts, "; ")
}

// Unwrap lets errors.As find each of them.
func (ps Problems) Unwrap() []error {
	list := make([]error, len(ps))
	for i, p := range ps {
		list[i] = p
	}
	return list
}

type facts = map[string]any

func problem(key string, args facts, format string, a ...any) Problem {
	return Problem{key: "operate." + key, args: args, text: fmt.Sprintf(format, a...)}
}

func unknown(name string) Problem {
	return problem("config-unknown", facts{"name": name}, "there is no setting %s", name)
}

func invalid(name, value, want string, args facts, english string) Problem {
	return problem("config-invalid", facts{"name": name, "value": value, "want": message.Text("operate."+want, args)},
		"%s is %q: %s", name, value, english)
}

// paceMost is the fastest pace the contract takes.
const paceMost = 1_000_000

// reserveMost is a terabyte, in MiB.
const reserveMost = 1 << 20

// check finds the values that cannot be meant.
func (c Config) check() Problems {
	var wrong Problems
	names := map[string]string{}
	for _, s := range Settings() {
		names[s.Key] = s.Env
	}
	bad := func(key, value, want string, args facts, english string) {
		wrong = append(wrong, invalid(names[key], value, want, args, english))
	}
	oneOf := func(key, value string, choices ...string) {
		if !slices.Contains(choices, value) {
			list := strings.Join(choices, ", ")
			bad(key, value, "want-one-of", facts{"choices": list}, "must be one of "+list)
		}
	}
	port := func(key string, number, lowest, highest int) {
		if number >= lowest && number <= highest {
			return
		}
		if lowest == 0 {
			bad(key, strconv.Itoa(number), "want-port-or-free", nil, "must be a port, or 0 for a free one")
		} else {
			bad(key, strconv.Itoa(number), "want-port", nil, "must be a port")
		}
	}
	address := func(key, value, want, english string) {
		if _, number, err := net.SplitHostPort(value); err != nil || !validPort(number) {
			bad(key, value, want, nil, english)
		}
	}

	address("listen", c.Listen, "want-listen", "must look like 127.0.0.1:8080 or :8080")
	if c.URL != "" && !hasScheme(c.URL, "http", "https") {
		bad("url", c.URL, "want-url", nil, "must be an http:// or https:// address")
	}
	if c.DemoPace < 2 || c.DemoPace > paceMost {
		bad("demo-pace", strconv.Itoa(c.DemoPace), "want-number", facts{"least": 2, "most": paceMost}, fmt.Sprintf("must be 2 to %d", paceMost))
	}
	oneOf("profile", c.Profile, "dengbao3", "asvs")
	if c.Reserve < 0 || c.Reserve > reserveMost {
		bad("disk-reserve", strconv.Itoa(c.Reserve), "want-number", facts{"least": 0, "most": reserveMost}, fmt.Sprintf("must be 0 to %d", reserveMost))
	}
	if c.Database.URL != "" && !hasScheme(c.Database.URL, "postgres", "postgresql") {
		// The value holds a password and is not repeated.
		bad("database.url", "…", "want-database-url", nil, "must look like postgres://user:password@host:port/database")
	}
	port("postgres.port", c.Postgres.Port, 0, 65535)
	if c.Temporal.Address != "" {
		address("temporal.address", c.Temporal.Address, "want-address", "must look like host:port")
	}
	if c.Temporal.Namespace == "" {
		bad("temporal.namespace", "", "want-nonempty", nil, "must not be empty")
	}
	port("temporal.port", c.Temporal.Port, 0, 65535-3)
	if (c.Temporal.TLS.Cert == "") != (c.Temporal.TLS.Key == "") {
		bad("temporal.tls.cert", c.Temporal.TLS.Cert, "want-both", facts{"other": names["temporal.tls.key"]},
			"must be set together with "+names["temporal.tls.key"])
	}
	if c.SMTP.Host != "" {
		port("smtp.port", c.SMTP.Port, 1, 65535)
		if _, err := mail.ParseAddress(c.SMTP.From); err != nil {
			bad("smtp.from", c.SMTP.From, "want-mail", nil, "must be a mail address")
		}
	}
	oneOf("smtp.tls", c.SMTP.TLS, "starttls", "tls", "none")
	oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	oneOf("log.format", c.Log.Format, "text", "json")
	return wrong
}

func validPort(text string) bool {
	number, err := strconv.ParseUint(text, 10, 16)
	return err == nil && number <= 65535
}

func hasScheme(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Host != ""
}
