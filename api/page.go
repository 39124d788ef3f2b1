package api

import (
	"encoding/base64"
	"encoding/json"
)

// pageUsual is how many entries a page has where the request does not say.
const pageUsual = 50

func pageSize(asked PageSize) int {
	if asked == 0 {
		return pageUsual
	}
	return asked
}

// page cuts a list that was read one entry too long and gives the cursor of the next page, empty at the end.
func page[T, C any](items []T, size int, at func(T) C) (cut []T, next string, err error) {
	if len(items) <= size {
		return items, "", nil
	}
	items = items[:size]
	data, err := json.Marshal(at(items[size-1]))
	if err != nil {
		return nil, "", err
	}
	return items, base64.RawURLEncoding.EncodeToString(data), nil
}

// readCursor reads what page wrote; nil for the first page. Whoever made a cursor up is told that it is none.
func readCursor[C any](cursor Cursor, good func(C) bool) (*C, error) {
	if cursor == "" {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return nil, &fault{code: "bad-cursor"}
	}
	var at C
	if json.Unmarshal(data, &at) != nil || !good(at) {
		return nil, &fault{code: "bad-cursor"}
	}
	return &at, nil
}

func orEmpty[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

func anyText(string) bool { return true }
