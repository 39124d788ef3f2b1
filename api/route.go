package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"duban/internal/store"
)

// requestMost is how long a request that is no stream may take, upload and download included.
const requestMost = 2 * time.Minute

// answerMost is how long any other may take: the store's own limits end sooner, and sooner still its word that the
// database is away.
const answerMost = 20 * time.Second

// route sets up the handler: what every request passes through, the contract's operations, and the web application for
// whatever else is asked for.
func (s *Server) route(doc *openapi3.T, base *url.URL) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = echo.ExtractIPDirect()
	if s.Proxied {
		e.IPExtractor = echo.ExtractIPFromXFFHeader()
	}
	origin := http.NewCrossOriginProtection()
	if base.Host != "" {
		if err := origin.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
			return err
		}
	}
	e.Pre(s.observe)
	e.Use(s.secured, sameOrigin(origin))
	operations, err := s.operations(doc)
	if err != nil {
		return err
	}
	RegisterHandlersWithOptions(e, NewStrictHandler(s, nil), RegisterHandlersOptions{OperationMiddlewares: operations})
	votes, err := s.votes(e.IPExtractor)
	if err != nil {
		return err
	}
	e.Any("/vote", votes)
	e.Any("/vote/*", votes)
	e.Any("/vote-static/*", votes)
	e.Any("/draw", votes)
	e.Any("/draw/*", votes)
	if s.Web != nil {
		web, err := newWeb(s.Web)
		if err != nil {
			return err
		}
		e.GET("/*", web.serve)
		e.HEAD("/*", web.serve)
	}
	s.handler = e
	return nil
}

// observe gives a request its number, catches its panic, counts it and logs it: the route and the outcome, nothing of
// the person or of what was asked for.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		trace := token(9)
		c.Response().Header().Set(echo.HeaderXRequestID, trace)
		defer func() {
			if fell := recover(); fell != nil {
				if err, ok := fell.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					return
				}
				s.log.Error("A request fell", slog.String("trace", trace), slog.Any("panic", fell), slog.String("stack", string(debug.Stack())))
				s.fail(&fault{code: "internal"}, c)
			}
			took := time.Since(began)
			s.metrics.observe(c, took)
			s.log.LogAttrs(context.WithoutCancel(c.Request().Context()), slog.LevelDebug, "request", slog.String("trace", trace),
				slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.Int("status", c.Response().Status),
				slog.Int64("bytes", c.Response().Size), slog.Duration("took", took))
		}()
		if err := next(c); err != nil {
			s.fail(err, c)
		}
		return nil
	}
}

// secured sets what browsers are told of every answer.
func (s *Server) secured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		nonce := token(16)
		c.Set(nonceKey, nonce)
		h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self' 'nonce-"+nonce+"'; style-src 'self' 'nonce-"+nonce+
			"'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "+
			"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'")
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderXFrameOptions, "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		if s.secure {
			h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
		}
		return next(c)
	}
}

const nonceKey = "nonce"

// sameOrigin refuses requests of other sites that would change anything.
func sameOrigin(origin *http.CrossOriginProtection) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if origin.Check(c.Request()) != nil {
				return &fault{code: "cross-origin"}
			}
			return next(c)
		}
	}
}

// bounded ends a request that takes too long, or waits for a database that has fallen silent; a stream has no end.
func (s *Server) bounded(op *openapi3.Operation) echo.MiddlewareFunc {
	most := answerMost
	switch {
	case op.OperationID == "stream":
		return func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	case isUpload(op), op.OperationID == "getAttachment", op.OperationID == "getExportFile":
		most = requestMost
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx, cancel := context.WithTimeout(c.Request().Context(), most)
			defer cancel()
			ctx, leave := s.store.While(ctx)
			defer leave()
			c.SetRequest(c.Request().WithContext(ctx))
			if op.OperationID != "getMetrics" {
				c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
			}
			return next(c)
		}
	}
}

// away reports whether a request's time ended because the database fell silent.
func away(ctx context.Context) bool { return errors.Is(context.Cause(ctx), store.ErrUnavailable) }

// roomy refuses whatever would write while the disk has no room to spare: what it still has is for what was accepted
// before. People come and go all the same, to see how things stand.
func (s *Server) roomy(op *openapi3.Operation, method string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if s.Full == nil || method == http.MethodGet || op.OperationID == "logIn" || op.OperationID == "logOut" {
			return next
		}
		return func(c echo.Context) error {
			if s.Full() {
				s.log.WarnContext(c.Request().Context(), "The disk has no room to spare", slog.String("refused", op.OperationID))
				return store.ErrFull
			}
			return next(c)
		}
	}
}

// token is a random text of so many bytes.
func token(bytes int) string {
	secret := make([]byte, bytes)
	_, _ = rand.Read(secret) // never fails: the program ends instead
	return base64.RawURLEncoding.EncodeToString(secret)
}
