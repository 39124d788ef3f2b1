package api

import (
	"duban/internal/identity"
	"duban/internal/store"
)

// sight is what the caller may see, as the store's lists ask for it.
func (c caller) sight() store.Sight {
	return func(first int) (string, []any) { return identity.VisiblePredicate(c.Actor, first) }
}

// attachments is what the caller may fetch of attachments.
func (c caller) attachments() store.Sight {
	return func(first int) (string, []any) { return identity.AttachmentPredicate(c.Actor, first) }
}
