package public

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"duban/internal/identity"
)

// SignOn is single sign-on by OpenID Connect: with it voters are who the provider says, and no codes are sent.
type SignOn struct {
	Issuer, Client, Secret string

	mu       sync.Mutex
	provider *oidc.Provider
}

const (
	signOnTerm  = 10 * time.Minute // for signing on, and then for voting
	signOnAsked = "duban-vote-asked"
	signOnKnown = "duban-vote-known"
	signOnPath  = "/vote/signed-on"
)

// errSignOn says that the provider does not vouch for whoever came back from it.
var errSignOn = errors.New("not signed on")

// discover asks the provider how it is used, until it has answered once.
func (o *SignOn) discover(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		provider, err := oidc.NewProvider(ctx, o.Issuer)
		if err != nil {
			return nil, err
		}
		o.provider = provider
	}
	return o.provider, nil
}

func (s *Site) client(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: s.SignOn.Client, ClientSecret: s.SignOn.Secret, Endpoint: p.Endpoint(),
		RedirectURL: strings.TrimSuffix(s.Base(), "/") + signOnPath, Scopes: []string{oidc.ScopeOpenID}}
}

func (s *Site) cookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/vote", MaxAge: int(life / time.Second), HttpOnly: true,
		Secure: strings.HasPrefix(s.Base(), "https:"), SameSite: http.SameSiteLaxMode})
}

// signOn sends the voter to the provider, with a state, a nonce and a proof key that stay in the voter's browser.
func (s *Site) signOn(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	provider, err := s.SignOn.discover(r.Context())
	if err != nil {
		return err
	}
	state, nonce, proof := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	s.cookie(w, signOnAsked, strings.Join([]string{state, nonce, proof, item.ID}, "|"), signOnTerm)
	http.Redirect(w, r, s.client(provider).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(proof)), http.StatusSeeOther)
	return nil
}

// signedOn takes the voter back from the provider: all that is kept of who they are is their tag in the round, in a cookie.
func (s *Site) signedOn(w http.ResponseWriter, r *http.Request) error {
	asked, err := r.Cookie(signOnAsked)
	if err != nil {
		return s.refuseSignOn(w)
	}
	s.cookie(w, signOnAsked, "", -time.Second)
	parts := strings.Split(asked.Value, "|")
	if len(parts) != 4 || subtle.ConstantTimeCompare([]byte(parts[0]), []byte(r.URL.Query().Get("state"))) != 1 {
		return s.refuseSignOn(w)
	}
	subject, err := s.subject(r.Context(), r.URL.Query().Get("code"), parts[1], parts[2])
	if err != nil {
		s.Log.WarnContext(r.Context(), "A sign-on was refused", "error", err)
		return s.refuseSignOn(w)
	}
	round, err := s.Store.Round(r.Context(), parts[3])
	if err != nil {
		return err
	}
	key, err := s.Voters.Key(round.ID)
	if err != nil {
		return err
	}
	known := hex.EncodeToString(key.Tag("oidc", subject)) + "." + strconv.FormatInt(s.Now().Add(signOnTerm).Unix(), 10)
	s.cookie(w, signOnKnown, known+"."+hex.EncodeToString(key.Tag("signed-on", known)), signOnTerm)
	http.Redirect(w, r, "/vote/"+round.ID+"/ballot", http.StatusSeeOther)
	return nil
}

func (s *Site) refuseSignOn(w http.ResponseWriter) error {
	s.say(w, http.StatusForbidden, "sign-on-failed")
	return nil
}

// subject exchanges the provider's code for whom it vouches for: a text that is the same each time and for nobody else.
func (s *Site) subject(ctx context.Context, code, nonce, proof string) (string, error) {
	provider, err := s.SignOn.discover(ctx)
	if err != nil {
		return "", err
	}
	token, err := s.client(provider).Exchange(ctx, code, oauth2.VerifierOption(proof))
	if err != nil {
		return "", err
	}
	raw, _ := token.Extra("id_token").(string)
	vouched, err := provider.Verifier(&oidc.Config{ClientID: s.SignOn.Client}).Verify(ctx, raw)
	if err != nil {
		return "", err
	}
	if vouched.Nonce != nonce || strings.TrimSpace(vouched.Subject) == "" {
		return "", errSignOn
	}
	return vouched.Issuer + "\n" + strings.TrimSpace(vouched.Subject), nil
}

// signedOnTag is the voter's tag, if they have signed on for this round and not too long ago.
func (s *Site) signedOnTag(r *http.Request, key identity.VoterKey) []byte {
	cookie, err := r.Cookie(signOnKnown)
	if err != nil {
		return nil
	}
	parts := strings.Split(cookie.Value, ".")
	if len(parts) != 3 {
		return nil
	}
	own := hex.EncodeToString(key.Tag("signed-on", parts[0]+"."+parts[1]))
	ends, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || s.Now().Unix() > ends || subtle.ConstantTimeCompare([]byte(own), []byte(parts[2])) != 1 {
		return nil
	}
	tag, err := hex.DecodeString(parts[0])
	if err != nil {
		return nil
	}
	return tag
}
