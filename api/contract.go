package api

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"duban/internal/message"
)

//go:embed openapi.yaml
var contractYAML []byte

// jsonMost bounds the body of a request that is no upload.
const jsonMost = 1 << 20

// Contract is openapi.yaml, read.
func Contract(ctx context.Context) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.Context = ctx
	doc, err := loader.LoadFromData(contractYAML)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(ctx)
}

// operations gives for every operation what is checked before its handler runs: who asks, and that the request keeps to
// the contract.
func (s *Server) operations(doc *openapi3.T) (map[string][]echo.MiddlewareFunc, error) {
	checks := map[string][]echo.MiddlewareFunc{}
	bodies, err := newBodies(doc)
	if err != nil {
		return nil, err
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			// Who asks was found out before; the validator would read the whole body only to ask again.
			unsecured := *op
			unsecured.Security = &openapi3.SecurityRequirements{}
			route := &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: &unsecured}
			checker, err := newChecker(bodies, route)
			if err != nil {
				return nil, fmt.Errorf("api: %s: %w", op.OperationID, err)
			}
			checks[op.OperationID] = []echo.MiddlewareFunc{s.bounded(op), s.admit(op), s.roomy(op, method), s.conform(checker)}
			if s.kept(op) {
				checks[op.OperationID] = append(checks[op.OperationID], s.once)
			}
			if audited(op) {
				checks[op.OperationID] = append(checks[op.OperationID], s.auditing(op))
			}
		}
	}
	return checks, nil
}

// conform refuses a request that does not keep to the contract.
func (s *Server) conform(checker *checker) echo.MiddlewareFunc {
	route := checker.whole
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if route.Method == http.MethodPost {
				if err := checkKey(r.Header.Values(keyHeader)); err != nil {
					return err
				}
			}
			upload := isUpload(route.Operation)
			var content []byte
			switch body := route.Operation.RequestBody; {
			case upload && !isMedia(r, "multipart/form-data"), body != nil && !upload && !isMedia(r, echo.MIMEApplicationJSON):
				return &fault{code: "media-type"}
			case !upload:
				var err error
				if content, err = storable(c); err != nil {
					return err
				}
			default:
				r.Body = http.MaxBytesReader(c.Response(), r.Body, uploadMost)
			}
			params := map[string]string{}
			for i, name := range c.ParamNames() {
				params[name] = c.ParamValues()[i]
			}
			if err := checker.check(r, params, content); err != nil {
				return invalid(err)
			}
			return next(c)
		}
	}
}

// storable reads a body that is no upload and refuses, here for all operations, what no table can hold: the character
// NUL, in the body or the address. It gives the body.
func storable(c echo.Context) (body []byte, err error) {
	r := c.Request()
	body, err = io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, jsonMost))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if bytes.Contains(body, []byte(`\u0000`)) || strings.Contains(r.URL.Path, "\x00") {
		return nil, &fault{code: "invalid-request"}
	}
	for name, values := range r.URL.Query() {
		for _, value := range values {
			if strings.Contains(value, "\x00") || !utf8.ValidString(value) {
				return nil, &fault{code: "invalid-request", fields: []FieldError{{Field: name, Message: fieldText("format")}}}
			}
		}
	}
	return body, nil
}

const keyHeader = "Idempotency-Key"

func checkKey(values []string) error {
	if len(values) != 1 || values[0] == "" {
		return &fault{code: "idempotency-key-required"}
	}
	if key := values[0]; len(key) < 8 || len(key) > 64 || strings.ContainsFunc(key, func(r rune) bool {
		return !strings.ContainsRune("-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", r)
	}) {
		return &fault{code: "idempotency-key-malformed"}
	}
	return nil
}

func isUpload(op *openapi3.Operation) bool {
	return op.RequestBody != nil && op.RequestBody.Value.Content.Get("multipart/form-data") != nil
}

func isMedia(r *http.Request, media string) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	return err == nil && kind == media
}

// invalid turns what the validator found into a fault that names the fields. Some of it is no fault of the fields.
func invalid(err error) error {
	found := &fault{code: "invalid-request"}
	var many openapi3.MultiError
	if !errors.As(err, &many) {
		many = openapi3.MultiError{err}
	}
	for _, each := range many {
		var request *openapi3filter.RequestError
		if !errors.As(each, &request) {
			continue
		}
		if request.Parameter != nil && request.Parameter.In == openapi3.ParameterInPath {
			return &fault{code: "not-found"}
		}
		found.fields = append(found.fields, fieldErrors(request)...)
	}
	return found
}

// fieldErrors names the parameters or fields of the body that are at fault.
func fieldErrors(request *openapi3filter.RequestError) []FieldError {
	prefix := ""
	if request.Parameter != nil {
		prefix = request.Parameter.Name
	}
	return schemaErrors(prefix, request.Err)
}

func schemaErrors(prefix string, err error) []FieldError {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		var fields []FieldError
		for _, each := range many {
			fields = append(fields, schemaErrors(prefix, each)...)
		}
		return fields
	}
	var schema *openapi3.SchemaError
	if !errors.As(err, &schema) {
		code := "wrong"
		if errors.Is(err, openapi3filter.ErrInvalidRequired) {
			code = "required"
		}
		return []FieldError{{Field: prefix, Message: message.Text("errors.field-"+code, nil)}}
	}
	path := schema.JSONPointer()
	if prefix != "" {
		path = append([]string{prefix}, path...)
	}
	return []FieldError{{Field: strings.Join(path, "."), Message: message.Text("errors.field-"+rule(schema.SchemaField), nil)}}
}

func fieldText(code string) string { return message.Text("errors.field-"+code, nil) }

// rule names the text for the schema's keyword that failed.
func rule(keyword string) string {
	switch keyword {
	case "required", "type", "pattern", "format", "enum":
		return keyword
	case "maxLength":
		return "too-long"
	case "minLength":
		return "too-short"
	case "maximum":
		return "too-large"
	case "minimum":
		return "too-small"
	case "maxItems":
		return "too-many"
	case "minItems":
		return "too-few"
	case "properties":
		return "unknown"
	}
	return "wrong"
}
