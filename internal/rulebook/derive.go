package rulebook

// merge is a derived tree: what the heir says takes the place of what it inherits, key by key; lists and scalars are
// replaced whole; a key written empty (~) is dropped. New keys stand after the key they follow in the heir's file.
func merge(parent, heir *node) *node {
	if parent == nil || heir == nil || !parent.mapping || !heir.mapping {
		return heir
	}
	merged := &node{at: heir.at, mapping: true}
	for _, e := range parent.entries {
		own := heir.get(e.key)
		switch {
		case own == nil:
			merged.entries = append(merged.entries, e)
		case !own.null():
			merged.entries = append(merged.entries, entry{e.key, heir.keyAt(e.key), merge(e.val, own)})
		}
	}
	after := -1
	for _, e := range heir.entries {
		if e.val.null() {
			continue
		}
		if at := merged.index(e.key); at >= 0 {
			after = at
			continue
		}
		at := len(merged.entries)
		if after >= 0 {
			at = after + 1
		}
		merged.entries = append(merged.entries[:at:at], append([]entry{e}, merged.entries[at:]...)...)
		after = at
	}
	return merged
}

func (n *node) index(key string) int {
	for i, e := range n.entries {
		if e.key == key {
			return i
		}
	}
	return -1
}
