package store

import (
	"io/fs"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// released are the migrations that databases in use have had: a lower number that comes later is refused there.
var released = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 19, 20, 22, 24}

// Each migration has a number of its own, and a new one stands above those that are out.
func TestMigrationsAreNumberedUpwards(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	require.NoError(t, err)
	named := regexp.MustCompile(`^migrations/(\d{4})_[a-z_]+\.sql$`)
	var numbers []int
	for _, file := range files { // in the order of their names
		parts := named.FindStringSubmatch(file)
		require.NotNil(t, parts, file)
		number, err := strconv.Atoi(parts[1])
		require.NoError(t, err)
		if len(numbers) > 0 {
			require.Greater(t, number, numbers[len(numbers)-1], file)
		}
		numbers = append(numbers, number)
	}
	require.Equal(t, released, numbers[:len(released)])
}
