package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// checker checks the requests of one operation against the contract. The contract's own validator compiles each schema
// anew for each request, which cost more than all the rest of an action's HTTP; so it is asked only about requests that
// the quick way, which is no laxer, does not pass, and its word is final.
type checker struct {
	whole *routers.Route     // for the contract's validator
	plain *routers.Route     // the parameters alone, for its older one, which compiles nothing and knows all they use
	body  *jsonschema.Schema // compiled once; nil: there is none, or it is an upload
}

// older is a version of OpenAPI whose schemas are checked without being compiled.
const older = "3.0.3"

func newChecker(bodies *bodies, route *routers.Route) (*checker, error) {
	spec, operation := *route.Spec, *route.Operation
	spec.OpenAPI, operation.RequestBody = older, nil
	plain := *route
	plain.Spec, plain.Operation = &spec, &operation
	c := &checker{whole: route, plain: &plain}
	if route.Operation.RequestBody == nil || isUpload(route.Operation) {
		return c, nil
	}
	var err error
	c.body, err = bodies.schema(route.Operation)
	return c, err
}

// bodies compiles the schemas of the bodies of requests. What they refer to is read and compiled once for all of them.
type bodies struct{ compiler *jsonschema.Compiler }

const bodiesURN = "urn:duban:bodies"

func newBodies(doc *openapi3.T) (*bodies, error) {
	schemas := map[string]*openapi3.SchemaRef{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil && !isUpload(op) {
				schemas[op.OperationID] = op.RequestBody.Value.Content.Get(echo.MIMEApplicationJSON).Schema
			}
		}
	}
	text, err := json.Marshal(map[string]any{"components": map[string]any{"schemas": doc.Components.Schemas}, "bodies": schemas})
	if err != nil {
		return nil, err
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.RegisterFormat(&jsonschema.Format{Name: "int64", Validate: isInt64})
	compiler.AssertFormat()
	return &bodies{compiler}, compiler.AddResource(bodiesURN, whole)
}

func (b *bodies) schema(op *openapi3.Operation) (*jsonschema.Schema, error) {
	return b.compiler.Compile(bodiesURN + "#/bodies/" + op.OperationID)
}

func isInt64(value any) error {
	number, ok := value.(json.Number)
	if !ok {
		return nil
	}
	if _, err := strconv.ParseInt(number.String(), 10, 64); err != nil {
		return fmt.Errorf("%s is no int64", number)
	}
	return nil
}

// check says what is wrong with a request, whose body is given; nil for an upload.
func (c *checker) check(r *http.Request, params map[string]string, body []byte) error {
	if c.quick(r, params, body) {
		return nil
	}
	return openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: c.whole,
		Options: &openapi3filter.Options{ExcludeRequestBody: isUpload(c.whole.Operation), MultiError: true}})
}

// quick passes requests that are right beyond doubt.
func (c *checker) quick(r *http.Request, params map[string]string, body []byte) bool {
	if c.body != nil {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil || c.body.Validate(value) != nil {
			return false
		}
	}
	return openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: c.plain,
		Options: &openapi3filter.Options{ExcludeRequestBody: true}}) == nil
}
