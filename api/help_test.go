package api_test

import (
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

func contentType(op *openapi3.Operation) string {
	if op.RequestBody != nil && op.RequestBody.Value.Content.Get("multipart/form-data") != nil {
		return "multipart/form-data; boundary=x"
	}
	return "application/json"
}
