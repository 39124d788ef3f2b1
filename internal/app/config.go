// Package app is how a duban process is configured and supervised: settings from one table, services started in order
// and stopped in reverse. It does not import the embedded server; whoever wants that passes a Starter in.
package app

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Config is every setting of a duban process. Settings says what each one means.
type Config struct {
	Data     string   `koanf:"data"`
	Listen   string   `koanf:"listen"`
	URL      string   `koanf:"url"`
	Demo     bool     `koanf:"demo"`
	DemoPace int      `koanf:"demo-pace"`
	Sample   bool     `koanf:"sample"`
	Profile  string   `koanf:"profile"`
	Metrics  bool     `koanf:"metrics"`
	Token    string   `koanf:"metrics-token"`
	Proxied  bool     `koanf:"proxied"`
	Reserve  int      `koanf:"disk-reserve"`
	Database Database `koanf:"database"`
	Postgres Postgres `koanf:"postgres"`
	Temporal Temporal `koanf:"temporal"`
	SMTP     SMTP     `koanf:"smtp"`
	SMS      SMS      `koanf:"sms"`
	OIDC     OIDC     `koanf:"oidc"`
	Log      Log      `koanf:"log"`
}

// Database is a PostgreSQL elsewhere; with no URL the embedded one is used.
type Database struct {
	URL string `koanf:"url"`
}

// Postgres is the embedded PostgreSQL.
type Postgres struct {
	Port     int    `koanf:"port"`
	Programs string `koanf:"programs"`
}

// Temporal is a Temporal elsewhere; with no Address the embedded one is used, on four ports from Port.
type Temporal struct {
	Address   string `koanf:"address"`
	Namespace string `koanf:"namespace"`
	Port      int    `koanf:"port"`
	APIKey    string `koanf:"api-key"`
	TLS       TLS    `koanf:"tls"`
}

// TLS is how to reach Temporal over TLS: on by itself when a file or an API key is given.
type TLS struct {
	Enabled    bool   `koanf:"enabled"`
	CA         string `koanf:"ca"`
	Cert       string `koanf:"cert"`
	Key        string `koanf:"key"`
	ServerName string `koanf:"server-name"`
}

// SMTP is the mail server; with no Host no mail is sent.
type SMTP struct {
	Host     string `koanf:"host"`
	Port     int    `koanf:"port"`
	User     string `koanf:"user"`
	Password string `koanf:"password"`
	From     string `koanf:"from"`
	TLS      string `koanf:"tls"`
}

// server is where mail goes; empty: nowhere.
func (s SMTP) server() string {
	if s.Host == "" {
		return ""
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// SMS is the gateway for one-time codes of public votes; with no URL codes are shown in the log.
type SMS struct {
	URL   string `koanf:"url"`
	Token string `koanf:"token"`
}

// OIDC is the single sign-on of public votes; with no Issuer one-time codes tell who votes.
type OIDC struct {
	Issuer string `koanf:"issuer"`
	Client string `koanf:"client-id"`
	Secret string `koanf:"client-secret"`
}

// Log is what this process writes about itself.
type Log struct {
	Level  string `koanf:"level"`
	Format string `koanf:"format"`
}

// Setting is one line of the table: its key in the file, its environment variable, its default and its meaning.
type Setting struct {
	Key     string
	Env     string
	Default any
	Secret  bool
	Meaning string
}

// Settings is the one table of everything that can be configured. docs/operations.md shows it; a test compares the two.
func Settings() []Setting {
	return []Setting{
		{Key: "data", Env: "DUBAN_DATA", Default: "", Meaning: "data folder; empty means ./data, or /var/lib/duban for root where ./data cannot be reached by PostgreSQL's account"},
		{Key: "listen", Env: "DUBAN_LISTEN", Default: "127.0.0.1:8080", Meaning: "address the web and the API listen on; port 0 takes a free one"},
		{Key: "url", Env: "DUBAN_URL", Default: "", Meaning: "address people use, for links in mail; empty means http:// and the listen address"},
		{Key: "demo", Env: "DUBAN_DEMO", Default: false, Meaning: "play the rehearsal at start: a dozen matters, and after them a half-year of the promotion"},
		{Key: "demo-pace", Env: "DUBAN_DEMO_PACE", Default: 14400, Meaning: "how many times as fast as the wall's the clocks of the rehearsal's matters run; at 14400 a day is six seconds, in the half-year a second and a half"},
		{Key: "sample", Env: "DUBAN_SAMPLE", Default: false, Meaning: "enter invented persons, one for every post, when nobody is entered yet; demo implies it"},
		{Key: "profile", Env: "DUBAN_PROFILE", Default: "dengbao3", Meaning: "security profile: dengbao3 (GB/T 22239 level 3) or asvs"},
		{Key: "metrics", Env: "DUBAN_METRICS", Default: true, Meaning: "serve /metrics"},
		{Key: "metrics-token", Env: "DUBAN_METRICS_TOKEN", Default: "", Secret: true, Meaning: "bearer token that opens /metrics to other machines; empty: this machine only"},
		{Key: "proxied", Env: "DUBAN_PROXIED", Default: false, Meaning: "a proxy of your own stands before duban: the addresses it forwards (X-Forwarded-For) are believed"},
		{Key: "disk-reserve", Env: "DUBAN_DISK_RESERVE", Default: 256, Meaning: "MiB kept free on the data folder's disk: with less, actions and uploads are refused until there is room; 0 refuses nothing"},
		{Key: "database.url", Env: "DATABASE_URL", Default: "", Secret: true, Meaning: "PostgreSQL to use; empty starts the embedded one"},
		{Key: "postgres.port", Env: "DUBAN_POSTGRES_PORT", Default: 15432, Meaning: "loopback port of the embedded PostgreSQL; 0 takes a free one"},
		{Key: "postgres.programs", Env: "DUBAN_POSTGRES_PROGRAMS", Default: "", Meaning: "folder of initdb and postgres; empty searches the PATH and the usual places"},
		{Key: "temporal.address", Env: "TEMPORAL_ADDRESS", Default: "", Meaning: "Temporal to use, host:port; empty starts the embedded one"},
		{Key: "temporal.namespace", Env: "TEMPORAL_NAMESPACE", Default: "duban", Meaning: "Temporal namespace"},
		{Key: "temporal.port", Env: "DUBAN_TEMPORAL_PORT", Default: 7233, Meaning: "first of four loopback ports of the embedded Temporal, the one clients use; 0 takes free ones"},
		{Key: "temporal.api-key", Env: "TEMPORAL_API_KEY", Default: "", Secret: true, Meaning: "key for a Temporal elsewhere"},
		{Key: "temporal.tls.enabled", Env: "TEMPORAL_TLS", Default: false, Meaning: "reach Temporal over TLS; a key or a file below implies it"},
		{Key: "temporal.tls.ca", Env: "TEMPORAL_TLS_CA", Default: "", Meaning: "file with the certificate authority of Temporal"},
		{Key: "temporal.tls.cert", Env: "TEMPORAL_TLS_CERT", Default: "", Meaning: "file with our certificate"},
		{Key: "temporal.tls.key", Env: "TEMPORAL_TLS_KEY", Default: "", Meaning: "file with our private key"},
		{Key: "temporal.tls.server-name", Env: "TEMPORAL_TLS_SERVER_NAME", Default: "", Meaning: "name expected in Temporal's certificate"},
		{Key: "smtp.host", Env: "DUBAN_SMTP_HOST", Default: "", Meaning: "mail server; empty sends no mail"},
		{Key: "smtp.port", Env: "DUBAN_SMTP_PORT", Default: 587, Meaning: "port of the mail server"},
		{Key: "smtp.user", Env: "DUBAN_SMTP_USER", Default: "", Meaning: "account at the mail server"},
		{Key: "smtp.password", Env: "DUBAN_SMTP_PASSWORD", Default: "", Secret: true, Meaning: "its password"},
		{Key: "sms.url", Env: "DUBAN_SMS_URL", Default: "", Meaning: "gateway for one-time codes of public votes; empty shows codes in the log"},
		{Key: "sms.token", Env: "DUBAN_SMS_TOKEN", Default: "", Secret: true, Meaning: "bearer token for it"},
		{Key: "oidc.issuer", Env: "DUBAN_OIDC_ISSUER", Default: "", Meaning: "OpenID Connect provider that tells who votes in public votes; empty: one-time codes do; not to be changed while a vote is open"},
		{Key: "oidc.client-id", Env: "DUBAN_OIDC_CLIENT_ID", Default: "", Meaning: "our name at that provider; it sends voters back to /vote/signed-on"},
		{Key: "oidc.client-secret", Env: "DUBAN_OIDC_CLIENT_SECRET", Default: "", Secret: true, Meaning: "our secret at that provider"},
		{Key: "smtp.from", Env: "DUBAN_SMTP_FROM", Default: "", Meaning: "sender of mail"},
		{Key: "smtp.tls", Env: "DUBAN_SMTP_TLS", Default: "starttls", Meaning: "starttls, tls or none"},
		{Key: "log.level", Env: "DUBAN_LOG_LEVEL", Default: "info", Meaning: "debug, info, warn or error"},
		{Key: "log.format", Env: "DUBAN_LOG_FORMAT", Default: "text", Meaning: "text or json"},
	}
}

// FileVariable names the configuration file in the environment.
const FileVariable = "DUBAN_CONFIG"

// Load reads the settings: defaults, then the YAML file when path is not empty, then the environment, where an empty
// value counts as unset. Every mistake is reported at once, as Problems.
func Load(path string, environ []string) (Config, error) {
	k := koanf.New(".")
	byKey, byEnv := map[string]Setting{}, map[string]Setting{}
	for _, s := range Settings() {
		byKey[s.Key], byEnv[s.Env] = s, s
		if err := k.Set(s.Key, s.Default); err != nil {
			return Config{}, err
		}
	}
	var wrong Problems
	if path != "" {
		written := koanf.New(".")
		if err := written.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, Problems{problem("config-file", facts{"path": path, "reason": err.Error()},
				"the configuration file %s cannot be read: %v", path, err)}
		}
		for _, key := range written.Keys() {
			if _, known := byKey[key]; !known {
				wrong = append(wrong, unknown(path+": "+key))
			}
		}
		if err := k.Merge(written); err != nil {
			return Config{}, err
		}
	}
	given := env.Provider(".", env.Opt{
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			setting, known := byEnv[name]
			switch {
			case known && value != "":
				return setting.Key, value
			case !known && name != FileVariable && strings.HasPrefix(name, "DUBAN_") && !strings.HasPrefix(name, "DUBAN_TEST_"):
				wrong = append(wrong, unknown(name)) // most likely a slip of the pen
			}
			return "", nil
		},
	})
	if err := k.Load(given, nil); err != nil {
		return Config{}, err
	}
	var c Config
	if err := k.UnmarshalWithConf("", &c, koanf.UnmarshalConf{}); err != nil {
		return Config{}, append(wrong, problem("config-type", facts{"reason": err.Error()}, "a setting has a value of the wrong type: %v", err))
	}
	wrong = append(wrong, c.check()...)
	if len(wrong) > 0 {
		return Config{}, wrong
	}
	return c.resolve()
}

// resolve fills in what follows from other settings.
func (c Config) resolve() (Config, error) {
	if c.Data == "" {
		c.Data = "data"
		if os.Geteuid() == 0 {
			reachable, err := open(c.Data)
			if err != nil {
				return c, err
			}
			if !reachable {
				c.Data = "/var/lib/duban"
			}
		}
	}
	c.Sample = c.Sample || c.Demo
	var err error
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return c, err
	}
	t := &c.Temporal
	t.TLS.Enabled = t.TLS.Enabled || t.APIKey != "" || t.TLS.CA != "" || t.TLS.Cert != "" || t.TLS.ServerName != ""
	return c, nil
}

// open tells whether everybody may pass to the folder: root's PostgreSQL runs as another account and has to.
func open(path string) (bool, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return false, err
	}
	for above := filepath.Dir(path); ; above = filepath.Dir(above) {
		info, err := os.Stat(above)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return false, nil
		}
		if above == filepath.Dir(above) {
			return true, nil
		}
	}
}
