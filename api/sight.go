package api

import (
	"duban/internal/identity"
	"duban/internal/store"
)

// sight is what the caller may see, as the store's lists ask for it.
func (c caller) sight() store.Sight {
	return func(first int) (string, []any) { return identity.VisiblePredicate(c.Actor, first) }
}
