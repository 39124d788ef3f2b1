package public

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"

	"duban/internal/identity"
)

// A seal shows that a text given away was given by a process that has the round's key: nothing need be kept of it. The text
// is a number and something random; what the seal is bound to besides is not in it.

// seal makes a sealed text of a kind.
func seal(key identity.VoterKey, kind, bound string, number int64) string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // never fails: the program ends instead
	text := strconv.FormatInt(number, 10) + "." + hex.EncodeToString(random[:])
	return text + "." + hex.EncodeToString(mark(key, kind, bound, text))
}

// unseal gives a sealed text's number, and the mark that names it without telling what it is bound to; ok says that it is ours.
func unseal(key identity.VoterKey, kind, bound, sealed string) (number int64, own []byte, ok bool) {
	at := strings.LastIndexByte(sealed, '.')
	if at < 0 || len(sealed) > 100 {
		return 0, nil, false
	}
	text := sealed[:at]
	own = mark(key, kind, bound, text)
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(own)), []byte(sealed[at+1:])) != 1 {
		return 0, nil, false
	}
	first, _, _ := strings.Cut(text, ".")
	number, err := strconv.ParseInt(first, 10, 64)
	return number, own, err == nil
}

func mark(key identity.VoterKey, kind, bound, text string) []byte {
	return key.Trace(kind, bound+"."+text)
}
