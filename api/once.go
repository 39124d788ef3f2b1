package api

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"duban/internal/store"
)

// kept reports whether an operation's answers are kept under their keys. A matter's commands have the journal, an upload
// has its own id under the key, and before a session nobody has anything to repeat.
func (s *Server) kept(op *openapi3.Operation) bool {
	switch op.OperationID {
	case "createPerson", "createActivation", "createHolding", "createDeputy", "readNotifications", "changePassword", "saveFilter",
		"proposeOrganisationChange", "decideOrganisationChange":
		return true
	}
	return false
}

// once answers a repeated request as it was answered the first time. What is kept is useless without the session's
// token, which is kept nowhere: answers hold activation links, and requests passwords.
func (s *Server) once(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx, who, key := r.Context(), callerOf(r.Context()), r.Header.Get(keyHeader)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		digest := hmac.New(sha256.New, []byte(who.token))
		digest.Write([]byte(r.Method + " " + r.URL.Path + "\n"))
		digest.Write(body)
		given, fresh, err := s.store.BeginAnswer(ctx, key, who.Person, digest.Sum(nil))
		switch {
		case err != nil:
			return err
		case !fresh && given.Status == 0:
			return &fault{code: "request-in-progress", after: time.Second}
		case !fresh:
			return s.repeat(c, given, key, who.token)
		}
		return s.keep(c, next, key, who.token)
	}
}

// keep carries the request out and keeps its answer, unless it is none.
func (s *Server) keep(c echo.Context, next echo.HandlerFunc, key, token string) error {
	response := c.Response()
	taken := &recorder{ResponseWriter: response.Writer}
	response.Writer = taken
	if err := next(c); err != nil {
		s.fail(err, c)
	}
	response.Writer = taken.ResponseWriter
	// The outcome stands whether or not the asker still waits for it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), answerMost)
	defer cancel()
	ctx, leave := s.store.While(ctx)
	defer leave()
	if response.Status >= http.StatusInternalServerError {
		return s.store.ForgetAnswer(ctx, key)
	}
	sealed, err := seal(key, token, taken.body.Bytes())
	if err != nil {
		return err
	}
	return s.store.FinishAnswer(ctx, key, store.Answer{Status: response.Status, Body: sealed})
}

func (s *Server) repeat(c echo.Context, given store.Answer, key, token string) error {
	body, err := unseal(key, token, given.Body)
	if err != nil {
		return err
	}
	switch {
	case len(body) == 0:
		return c.NoContent(given.Status)
	case given.Status >= http.StatusBadRequest:
		return c.Blob(given.Status, "application/problem+json", body)
	}
	return c.Blob(given.Status, echo.MIMEApplicationJSON, body)
}

// recorder keeps a copy of what is written.
type recorder struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController what is beneath.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func sealer(key, token string) (cipher.AEAD, error) {
	secret := sha256.Sum256([]byte("answer\n" + key + "\n" + token))
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func seal(key, token string, plain []byte) ([]byte, error) {
	aead, err := sealer(key, token)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails: the program ends instead
	return aead.Seal(nonce, nonce, plain, nil), nil
}

func unseal(key, token string, sealed []byte) ([]byte, error) {
	aead, err := sealer(key, token)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, store.ErrKeyReused
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
}
