package poll

import "io"

// The letters of a receipt: no 0 and O, no 1 and I. The place of a letter here is its number from 0 to 31.
const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const receiptLength = 12 // eleven of chance (55 bits), one of check

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
