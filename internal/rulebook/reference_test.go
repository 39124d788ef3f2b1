package rulebook_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
)

// The reference names every workflow type a procedure may name, and no other.
func TestTheReferenceNamesEveryWorkflow(t *testing.T) {
	var named []string
	for line := range strings.Lines(read(t, "../../docs/rulebook.md")) {
		if row, ok := strings.CutPrefix(line, "| `workflow` |"); ok {
			for _, name := range regexp.MustCompile("`([A-Za-z]+)`").FindAllStringSubmatch(row, -1) {
				named = append(named, name[1])
			}
		}
	}
	require.Equal(t, procedure.Workflows(), named)
}
