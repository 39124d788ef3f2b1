package identity

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"duban/internal/poll"
)

// VoterKeys are the rounds' keys, one file each in a folder outside the database: with a round's key, and only with it,
// one can tell from a voter's identity which tag is theirs. Several processes may share the folder.
type VoterKeys struct {
	folder string

	mu   sync.Mutex
	held map[string]VoterKey
}

// heldFor is how long a key that was read is used before it is read again: a crowd's ballots need not each open its file,
// and one destroyed by another process is soon nowhere.
const heldFor = time.Second

// NewVoterKeys keeps keys in a folder, which is made when it is needed.
func NewVoterKeys(folder string) *VoterKeys {
	return &VoterKeys{folder: folder, held: map[string]VoterKey{}}
}

var (
	// ErrRoundName says a round's id cannot name a file.
	ErrRoundName = errors.New("no round's id")
	// ErrForgotten says a round's key is destroyed: nobody can be told from another in it any more.
	ErrForgotten = errors.New("the round's key is destroyed")
)

var roundName = regexp.MustCompile(`^[0-9a-z][0-9a-z.-]{0,99}$`)

func (k *VoterKeys) file(round string) (string, error) {
	if !roundName.MatchString(round) {
		return "", ErrRoundName
	}
	return filepath.Join(k.folder, round+".key"), nil
}

// Key gives a round's key, made at random when it is first asked for. ErrForgotten: it is destroyed.
func (k *VoterKeys) Key(round string) (VoterKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, held := k.held[round]; held {
		return key, nil
	}
	key, err := k.read(round)
	if err != nil {
		return nil, err
	}
	k.held[round] = key
	time.AfterFunc(heldFor, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.held, round)
	})
	return key, nil
}

// read reads a round's key from its file, which it makes if there is none.
func (k *VoterKeys) read(round string) (VoterKey, error) {
	name, err := k.file(round)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(name)
	switch {
	case err == nil && len(bytes.Trim(key, "\x00")) == 0:
		return nil, ErrForgotten
	case !errors.Is(err, fs.ErrNotExist):
		return key, err
	}
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		return nil, err
	}
	made := make([]byte, 32)
	if _, err := rand.Read(made); err != nil {
		return nil, err
	}
	draft, err := os.CreateTemp(k.folder, "new-*") // readable by this account only
	if err != nil {
		return nil, err
	}
	_, err = draft.Write(made)
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(draft.Name()))
	}
	linked := os.Link(draft.Name(), name) // whoever links first has made the key; it is whole from its first instant
	if err := os.Remove(draft.Name()); err != nil {
		return nil, err
	}
	if linked != nil && !errors.Is(linked, fs.ErrExist) {
		return nil, linked
	}
	if err := syncFolder(k.folder); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Destroy destroys a round's key: from then on nobody can tell who voted. It is written over, and its file stays, of zeros:
// without it the next to ask would make another key. What is destroyed already stays so.
func (k *VoterKeys) Destroy(round string) error {
	name, err := k.file(round)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.held, round)
	if err := os.MkdirAll(k.folder, 0o700); err != nil { // a round nobody asked for has no key yet, and gets none
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // file has checked the name
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, 32))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return syncFolder(k.folder)
}

// VoterKey is a round's key.
type VoterKey []byte

// Tag is what stands for a voter in a round. kind says what the identity is (a telephone number, a unit …).
func (k VoterKey) Tag(kind, identity string) []byte { return k.mac("voter", kind, identity) }

// Trace is a tag of what a ballot came from, for telling bursts; shorter, since it need not be unique.
func (k VoterKey) Trace(kind, value string) []byte { return k.mac("trace", kind, value)[:8] }

// Check tells whether two processes have the same key, and nothing else of it.
func (k VoterKey) Check() []byte { return k.mac("check")[:8] }

// Receipt is the receipt of a voter's ballot sent under a request's key: the same ballot sent again has the same one, and
// another ballot another, whatever it is sent under.
func (k VoterKey) Receipt(tag []byte, request string, choices ...string) (string, error) {
	parts := append([]string{"receipt", string(tag), request}, choices...)
	slices.Sort(parts[3:])
	return poll.NewReceipt(bytes.NewReader(k.mac(parts...)))
}

func (k VoterKey) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, k)
	for _, part := range parts {
		digest := sha256.Sum256([]byte(part)) // of one length, so that no two lists of parts are the same text
		h.Write(digest[:])
	}
	return h.Sum(nil)
}

// ErrNumber says a text is no mobile telephone number of the mainland.
var ErrNumber = errors.New("no mobile number")

var mobile = regexp.MustCompile(`^1[3-9][0-9]{9}$`)

// Mobile normalises a mobile number: eleven digits, however it was typed.
func Mobile(text string) (string, error) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ' ' || r == '-' || r == '　':
			return -1
		}
		return r
	}, text)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "+86"), "0086")
	if !mobile.MatchString(text) {
		return "", ErrNumber
	}
	return text, nil
}
