package identity

import (
	_ "embed"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"duban/internal/procedure"
)

// Profile is a set of demands on passwords and sessions. The two contradict one another: GB/T 22239 asks for composition
// and regular change of passwords, OWASP's ASVS forbids both, so the one in force is named in the configuration.
type Profile struct {
	Key     string
	Least   int           // characters
	Classes int           // of lower case, upper case, digits and others; 0: no demand
	Age     time.Duration // after which it must be changed; 0: never
	History int           // last passwords that may not come again

	Idle     time.Duration // after which a session nobody uses ends
	Absolute time.Duration // after which any session ends
}

// The profiles.
const (
	ProfileDengbao = "dengbao3" // the default
	ProfileASVS    = "asvs"
)

// ProfileOf gives the profile of that key.
func ProfileOf(key string) (Profile, bool) {
	switch key {
	case ProfileDengbao:
		return Profile{Key: key, Least: 8, Classes: 3, Age: 90 * 24 * time.Hour, History: 5,
			Idle: 30 * time.Minute, Absolute: 12 * time.Hour}, true
	case ProfileASVS:
		return Profile{Key: key, Least: 15, Idle: 30 * time.Minute, Absolute: 12 * time.Hour}, true
	}
	return Profile{}, false
}

// passwordMost bounds what is hashed; the longest passphrase people use is far below it.
const passwordMost = 128

//go:embed common.txt
var commonText string

// Check says whether the profile takes a new password for that login; nil, or why not.
func (p Profile) Check(password, login string) *procedure.Refusal {
	password = normalise(password)
	length := utf8.RuneCountInString(password)
	folded := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return unfit("password-characters", nil)
	case length < p.Least:
		return unfit("password-short", map[string]any{"least": p.Least})
	case length > passwordMost:
		return unfit("password-long", map[string]any{"most": passwordMost})
	case classes(password) < p.Classes:
		return unfit("password-classes", map[string]any{"classes": p.Classes})
	case login != "" && strings.Contains(folded, strings.ToLower(login)):
		return unfit("password-has-login", nil)
	case common(folded):
		return unfit("password-common", nil)
	}
	return nil
}

func unfit(code string, args map[string]any) *procedure.Refusal {
	return &procedure.Refusal{Code: code, Args: args, Input: true}
}

// Expired says whether a password set then must be changed by now.
func (p Profile) Expired(set, now time.Time) bool {
	return p.Age > 0 && !now.Before(set.Add(p.Age))
}

func classes(password string) int {
	var lower, upper, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

// common says whether the password, in lower case, is one of those tried first, or one of them stretched by repeating.
func common(folded string) bool {
	for line := range strings.Lines(commonText) {
		word := strings.TrimSpace(line)
		if word != "" && strings.ReplaceAll(folded, word, "") == "" {
			return true
		}
	}
	return false
}
