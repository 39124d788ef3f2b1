package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	verify "github.com/stretchr/testify/require"
)

// The quick way takes right requests, so that they are not checked the long way, and none that the contract refuses.
func TestQuickCheck(t *testing.T) {
	const matters, actions = "/api/v1/matters", "/api/v1/matters/{matter}/actions"
	doc, err := Contract(t.Context())
	verify.NoError(t, err)
	bodies, err := newBodies(doc)
	verify.NoError(t, err)
	for name, c := range map[string]struct {
		method, path, query, body string
		quick                     bool
	}{
		"list":                  {http.MethodGet, matters, "?limit=50&state=open&procedure=innovation-proposal", "", true},
		"limit too large":       {http.MethodGet, matters, "?limit=201", "", false},
		"limit no number":       {http.MethodGet, matters, "?limit=many", "", false},
		"unknown relation":      {http.MethodGet, matters, "?relation=mine", "", false},
		"action":                {http.MethodPost, actions, "", `{"action":"approve","fields":{"groupOpinion":"同意"},"assignment":3}`, true},
		"no such action":        {http.MethodPost, actions, "", `{"action":"dance"}`, false},
		"no action":             {http.MethodPost, actions, "", `{}`, false},
		"unknown member":        {http.MethodPost, actions, "", `{"action":"approve","colour":"red"}`, false},
		"number beyond int64":   {http.MethodPost, actions, "", `{"action":"sign","slip":9223372036854775808}`, false},
		"text where number":     {http.MethodPost, actions, "", `{"action":"sign","slip":"3"}`, false},
		"no JSON":               {http.MethodPost, actions, "", `{"action":`, false},
		"nothing":               {http.MethodPost, actions, "", ``, false},
		"start":                 {http.MethodPost, matters, "", `{"rulebook":"zibo-city","procedure":"innovation-proposal","title":"一","form":{},"submit":true}`, true},
		"day that is none":      {http.MethodPost, matters, "", `{"rulebook":"zibo-city","procedure":"innovation-proposal","title":"一","form":{},"begins":"2027-13-05"}`, false},
		"title that is no text": {http.MethodPost, matters, "", `{"rulebook":"zibo-city","procedure":"innovation-proposal","title":1,"form":{}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			item := doc.Paths.Value(c.path)
			unsecured := *item.GetOperation(c.method)
			unsecured.Security = &openapi3.SecurityRequirements{}
			route := &routers.Route{Spec: doc, Path: c.path, PathItem: item, Method: c.method, Operation: &unsecured}
			checker, err := newChecker(bodies, route)
			verify.NoError(t, err)
			params := map[string]string{"matter": "01890a5d-ac96-774b-bcce-b302099a8057"}
			request := func() *http.Request {
				r := httptest.NewRequestWithContext(t.Context(), c.method, strings.ReplaceAll(c.path, "{matter}", params["matter"])+c.query, strings.NewReader(c.body))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set(keyHeader, "0123456789")
				return r
			}
			verify.Equal(t, c.quick, checker.quick(request(), params, []byte(c.body)))
			whole := openapi3filter.ValidateRequest(t.Context(), &openapi3filter.RequestValidationInput{Request: request(), PathParams: params, Route: route,
				Options: &openapi3filter.Options{}})
			if c.quick {
				verify.NoError(t, whole)
			}
		})
	}
}
