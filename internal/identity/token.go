package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// tokenBytes is 256 bits: beyond guessing, so its digest needs neither salt nor stretching.
const tokenBytes = 32

// NewToken makes a secret to hand out once, of a session or an activation link, and the digest to keep of it.
func NewToken() (token string, digest []byte) {
	secret := make([]byte, tokenBytes)
	_, _ = rand.Read(secret) // never fails: the program ends instead
	sum := sha256.Sum256(secret)
	return base64.RawURLEncoding.EncodeToString(secret), sum[:]
}

// TokenDigest gives the digest kept of a token; false for what cannot be one.
func TokenDigest(token string) ([]byte, bool) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(secret) != tokenBytes {
		return nil, false
	}
	sum := sha256.Sum256(secret)
	return sum[:], true
}
