package rulebook

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func sortedValues[V any](m map[string]V) []V {
	var all []V
	for _, key := range sortedKeys(m) {
		all = append(all, m[key])
	}
	return all
}

// join lists words as Chinese does.
func join[S ~string](words []S) string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = string(w)
	}
	return strings.Join(plain, "、")
}

func sprints(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out
}

func last(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}
