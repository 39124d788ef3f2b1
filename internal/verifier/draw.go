package verifier

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Drawn is what a verified draw came to.
type Drawn struct {
	ID, Title, Source, Committed, Commitment, Seed string
	Groups                                         []struct {
		Key, Title string
		List       []struct{ Key, Name string }
		N          int
		Drawn      []string
	}
}

// Draw verifies the file of a draw. An error is a *Fault.
func Draw(file []byte) (d *Drawn, err error) {
	defer caught(&err)
	lines := strings.SplitN(string(file), "\n", 4)
	check(len(lines) == 4 && lines[0] == "duban/drawn/v1", "unreadable", "draw")
	check(len(signed(string(file), readKey(lines[1]+"\n"), "draw")) == 3, "unreadable", "draw")
	d = &Drawn{}
	check(json.Unmarshal([]byte(lines[2]), d) == nil, "unreadable", "draw")
	check(digest("duban/commit/v1", d.Seed) == d.Commitment, "commitment", "draw")
	for _, g := range d.Groups {
		var keys []string
		for _, entry := range g.List {
			keys = append(keys, entry.Key)
		}
		check(slices.Equal(draw(d.Seed, g.Key, keys, g.N), g.Drawn), "drawn", g.Key)
	}
	return d, nil
}

var seedForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func draw(seed, group string, keys []string, n int) (drawn []string) {
	left := slices.Sorted(slices.Values(keys))
	check(seedForm.MatchString(seed) && n >= 0 && n <= len(left) && len(slices.Compact(slices.Clone(left))) == len(left), "list", group)
	full := new(big.Int).Lsh(big.NewInt(1), 64)
	for taken := 0; len(drawn) < n; taken++ {
		block := sha256.Sum256([]byte("duban/draw/v1\n" + seed + "\n" + group + "\n" + strconv.Itoa(taken/4) + "\n"))
		x := new(big.Int).SetUint64(binary.BigEndian.Uint64(block[8*(taken%4):]))
		m := big.NewInt(int64(len(left)))
		if x.Cmp(new(big.Int).Sub(full, new(big.Int).Mod(full, m))) < 0 {
			at := int(new(big.Int).Mod(x, m).Int64())
			drawn, left = append(drawn, left[at]), slices.Delete(left, at, at+1)
		}
	}
	return drawn
}

// Inclusion is what a receipt says of its ballot.
type Inclusion struct {
	Choices []string // titles
	Status  string   // counted, replaced, excluded-n
	Leaf    int      // its place in the log, from 1
}

const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Receipt says what became of a receipt's ballot. The codes of its fault: receipt-mistyped, receipt-unknown,
// receipt-leaf (the ballot is listed, and not as it was put into the log).
func (r *Report) Receipt(receipt string) (in *Inclusion, err error) {
	defer caught(&err)
	receipt = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(receipt))
	sum, v := 0, r.vote
	for i := range receipt {
		value := strings.IndexByte(letters, receipt[i])
		check(value >= 0 && (i < 11 || value == sum), "receipt-mistyped", receipt)
		if sum = (sum ^ value) << 1; sum >= 32 {
			sum ^= 37
		}
	}
	check(len(receipt) == 12, "receipt-mistyped", receipt)
	mark := digest("duban/mark/v1", v.round.ID, receipt)[:32]
	_, line := v.find("ballots.csv", func(line string) bool { return strings.HasPrefix(line, mark+",") })
	check(line != "", "receipt-unknown", receipt)
	f := strings.Split(line, ",")
	leaf := digest("duban/ballot/v1", v.round.ID, receipt, f[1], f[2], f[3])
	in = &Inclusion{Status: f[4]}
	in.Leaf, _ = v.find("leaves.txt", func(line string) bool { return line == leaf })
	check(in.Leaf > 0, "receipt-leaf", receipt)
	for _, id := range strings.Split(f[3], " ") {
		in.Choices = append(in.Choices, v.options[id].Title)
	}
	return in, nil
}
