package poll

import (
	"errors"
	"io"
	"strings"
)

// The letters of a receipt: no 0 and O, no 1 and I. The place of a letter here is its number from 0 to 31.
const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const receiptLength = 12 // eleven of chance (55 bits), one of check

// ErrReceipt says a text is no receipt: mistyped, since every single wrong letter and every two exchanged are noticed.
var ErrReceipt = errors.New("mistyped receipt")

// NewReceipt makes a receipt.
func NewReceipt(random io.Reader) (string, error) {
	var bytes [receiptLength - 1]byte
	if _, err := io.ReadFull(random, bytes[:]); err != nil {
		return "", err
	}
	values := make([]byte, 0, receiptLength)
	for _, b := range bytes {
		values = append(values, b%32)
	}
	values = append(values, checkValue(values))
	for i, v := range values {
		values[i] = letters[v]
	}
	return string(values), nil
}

// ParseReceipt reads a receipt as somebody types it: small letters, blanks and hyphens do not matter.
func ParseReceipt(text string) (string, error) {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -\u3000\t\n\r", r) {
			return -1
		}
		return r
	}, strings.ToUpper(text))
	if len(text) != receiptLength {
		return "", ErrReceipt
	}
	values := make([]byte, receiptLength)
	for i := range text {
		at := strings.IndexByte(letters, text[i])
		if at < 0 {
			return "", ErrReceipt
		}
		values[i] = byte(at)
	}
	if checkValue(values[:receiptLength-1]) != values[receiptLength-1] {
		return "", ErrReceipt
	}
	return text, nil
}

// ShowReceipt writes a receipt in three groups of four, for reading.
func ShowReceipt(receipt string) string {
	return receipt[:4] + "-" + receipt[4:8] + "-" + receipt[8:]
}

// checkValue is the sum of the letters, each times a power of its own, in the field of 32 elements: multiplying is
// shifting, less x⁵+x²+1. Exchanging two letters changes it, since no two have the same power.
func checkValue(values []byte) byte {
	var sum byte
	for _, v := range values {
		sum = double(sum ^ v)
	}
	return sum
}

func double(v byte) byte {
	v <<= 1
	if v&32 != 0 {
		v ^= 0b100101
	}
	return v
}
