package poll

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// What is hashed begins with what it is hashed for, so that no digest can stand for another.
const (
	prefixCommit = "duban/commit/v1\n"
	prefixDraw   = "duban/draw/v1\n"
	prefixTies   = "duban/ties/v1\n"
)

// ErrDraw says a draw cannot be carried out: a seed that is none, a list with a key twice, or fewer entries than drawn.
var ErrDraw = errors.New("no draw")

var (
	seedForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	commitment = seedForm
)

// NewSeed makes a seed: 32 random bytes in hexadecimal.
func NewSeed(random io.Reader) (string, error) {
	var bytes [32]byte
	if _, err := io.ReadFull(random, bytes[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(bytes[:]), nil
}

// Commit gives the commitment to a seed: published before the list is fixed, it binds whoever keeps the seed.
func Commit(seed string) string { return digest(prefixCommit, seed) }

// digest is the SHA-256 of lines after a prefix, in hexadecimal.
func digest(prefix string, lines ...string) string {
	sum := digestBytes(prefix, lines...)
	return hex.EncodeToString(sum[:])
}

func digestBytes(prefix string, lines ...string) [32]byte {
	text := []byte(prefix)
	for _, line := range lines {
		text = append(append(text, line...), '\n')
	}
	return sha256.Sum256(text)
}

// Draw draws n of a list's keys, in the order drawn. The order of the list does not matter: keys are sorted by their
// bytes first. group names the draw where one seed serves several.
func Draw(seed, group string, list []string, n int) ([]string, error) {
	if !seedForm.MatchString(seed) {
		return nil, fmt.Errorf("%w: the seed is not 64 hexadecimal digits", ErrDraw)
	}
	left := slices.Sorted(slices.Values(list))
	if n < 0 || n > len(left) || len(slices.Compact(slices.Clone(left))) != len(left) {
		return nil, fmt.Errorf("%w: %d of %d, each once", ErrDraw, n, len(left))
	}
	stream := stream{seed: seed, group: group}
	drawn := make([]string, 0, n)
	for range n {
		i := stream.below(uint64(len(left)))
		drawn = append(drawn, left[i])
		left = slices.Delete(left, int(i), int(i)+1)
	}
	return drawn, nil
}

// stream is the row of numbers a seed gives: 64 bits each, four from a hash.
type stream struct {
	seed, group string
	block       [32]byte
	taken       int
}

func (s *stream) next() uint64 {
	at := s.taken % 4
	if at == 0 {
		s.block = digestBytes(prefixDraw, s.seed, s.group, strconv.Itoa(s.taken/4))
	}
	s.taken++
	return binary.BigEndian.Uint64(s.block[8*at:])
}

// below gives a number from 0 to m-1, each as likely: numbers beyond the last full run of m are passed over.
func (s *stream) below(m uint64) uint64 {
	beyond := math.MaxUint64 - (math.MaxUint64%m+1)%m // the last of the full runs
	for {
		if x := s.next(); x <= beyond {
			return x % m
		}
	}
}

// TieSeed is the seed of a round's ties: the seed it committed itself to before its ballots, mixed with what the ballots
// came to, so that whoever keeps the first could not choose it for its outcome.
func TieSeed(seed, root string) string { return digest(prefixTies, seed, root) }

const maxNumber = 32767

// tieKey is an option's key in a draw: its number, never its id.
func tieKey(o Option) string { return fmt.Sprintf("%06d", o.Number) }

// Drawn is a draw as it is published, for "duban verify draw". Each group is drawn by itself.
type Drawn struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	Source     string       `json:"source"` // the article it rests on
	Committed  time.Time    `json:"committed"`
	Commitment string       `json:"commitment"`
	Seed       string       `json:"seed"`
	Groups     []DrawnGroup `json:"groups"`
}

// DrawnGroup is one list, and what was drawn from it.
type DrawnGroup struct {
	Key   string      `json:"key"`
	Title string      `json:"title"`
	List  []DrawnItem `json:"list"`
	N     int         `json:"n"`
	Drawn []string    `json:"drawn"` // keys, in the order drawn
}

// DrawnItem is an entry of a list that is drawn from.
type DrawnItem struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Draw draws from every group by the seed.
func (d *Drawn) Draw() error {
	for i, g := range d.Groups {
		keys := make([]string, len(g.List))
		for n, item := range g.List {
			keys[n] = item.Key
		}
		var err error
		if d.Groups[i].Drawn, err = Draw(d.Seed, g.Key, keys, g.N); err != nil {
			return fmt.Errorf("%s: %w", g.Key, err)
		}
	}
	return nil
}

const drawnTitle = "duban/drawn/v1"

// Sign writes a draw as it is published. key is the verifier's of the signer.
func (d *Drawn) Sign(signer note.Signer, key string) (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: drawnTitle + "\n" + key + "\n" + string(text) + "\n"}, signer)
	return string(signed), err
}
