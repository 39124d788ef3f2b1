package rulebook

import (
	"maps"
	"slices"
)

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func sortedValues[V any](m map[string]V) []V {
	var all []V
	for _, key := range sortedKeys(m) {
		all = append(all, m[key])
	}
	return all
}
