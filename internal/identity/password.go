package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The cost of a password, OWASP's: 19 MiB, two passes, one lane.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// Hasher hashes and checks passwords, so many at a time: each costs 19 MiB and tens of milliseconds of a processor, and
// a flood of log-ins must not take both away from everybody else.
type Hasher struct {
	slots chan struct{}
	// nobody is the hash checked for a login nobody has, so that answering takes as long.
	nobody string
}

// NewHasher gives a hasher that runs at most so many at once.
func NewHasher(atOnce int) *Hasher {
	return &Hasher{slots: make(chan struct{}, atOnce), nobody: encodeHash(make([]byte, argonSalt), make([]byte, argonKey))}
}

// Hash gives a password's hash in PHC form. It fails only when the context ends before its turn comes.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails: the program ends instead
	key, err := h.key(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return encodeHash(salt, key), nil
}

// Verify says whether the password has that hash. An empty hash, of a login nobody has or an account not activated,
// takes as long and is never right. It fails when the context ends before its turn comes, or the hash is none of ours.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	exists := hash != ""
	if !exists {
		hash = h.nobody
	}
	salt, want, err := decodeHash(hash)
	if err != nil {
		return false, err
	}
	got, err := h.key(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && exists, nil
}

func (h *Hasher) key(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return argon2.IDKey([]byte(normalise(password)), salt, argonPasses, argonMemory, argonLanes, argonKey), nil
}

// normalise makes one password of what different keyboards and input methods send for the same characters.
func normalise(password string) string { return norm.NFKC.String(password) }

var phcPrefix = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonPasses, argonLanes)

func encodeHash(salt, key []byte) string {
	return phcPrefix + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(key)
}

func decodeHash(hash string) (salt, key []byte, err error) {
	rest, ok := strings.CutPrefix(hash, phcPrefix)
	saltText, keyText, cut := strings.Cut(rest, "$")
	if !ok || !cut {
		return nil, nil, fmt.Errorf("identity: not a password hash of this version: %s", strconv.Quote(hash[:min(len(hash), 10)]))
	}
	if salt, err = base64.RawStdEncoding.DecodeString(saltText); err != nil {
		return nil, nil, fmt.Errorf("identity: password hash: salt: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(keyText); err != nil {
		return nil, nil, fmt.Errorf("identity: password hash: key: %w", err)
	}
	return salt, key, nil
}

// GeneratePassword makes a password that satisfies either profile and can be read aloud: four groups of four, without
// characters that look alike.
func GeneratePassword() string {
	const (
		lower  = "abcdefghijkmnpqrstuvwxyz"
		upper  = "ABCDEFGHJKLMNPQRSTUVWXYZ"
		digits = "23456789"
	)
	groups := make([]string, 0, 4)
	for _, alphabet := range []string{upper, lower, digits, lower} {
		group := make([]byte, 4)
		for i := range group {
			n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet)))) // never fails: the program ends instead
			group[i] = alphabet[n.Int64()]
		}
		groups = append(groups, string(group))
	}
	return strings.Join(groups, "-")
}
