package public

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"duban/internal/identity"
	"duban/internal/poll"
	"duban/internal/store"
)

// Sender sends a one-time code to a mobile number.
type Sender func(ctx context.Context, number, code string) error

// form is a ballot as it is being filled in.
type form struct {
	Choices  map[string]bool
	District string
	Number   string
	Token    string // given with the code
	Code     string
	Request  string // the same when it is sent again
	Wrong    string // what is wrong with it
	SignOn   bool   // the provider of single sign-on tells who votes
	Known    bool   // and has
}

func (s *Site) ballot(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	f := form{SignOn: s.SignOn != nil}
	if f.SignOn {
		key, err := s.Voters.Key(item.ID)
		if err != nil {
			return err
		}
		f.Known = s.signedOnTag(r, key) != nil
	}
	return s.showBallot(w, http.StatusOK, item, f)
}

func (s *Site) showBallot(w http.ResponseWriter, status int, item *store.RoundItem, f form) error {
	if f.Request == "" {
		var random [16]byte
		_, _ = rand.Read(random[:]) // never fails: the program ends instead
		f.Request = hex.EncodeToString(random[:])
	}
	return s.show(w, status, "ballot", page{Title: text("cast"), Round: item, Data: f})
}

// bodyMost is more than any ballot takes.
const bodyMost = 64 << 10

// cast casts a ballot. What is wrong is said with the form as it was filled in, so nothing is lost.
func (s *Site) cast(w http.ResponseWriter, r *http.Request) error {
	round, err := s.Box.Round(r.Context(), r.PathValue("round"))
	if err == nil && len(round.Districts) == 0 {
		err = store.ErrNotFound // the public does not vote in it
	}
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyMost)
	if err := r.ParseForm(); err != nil {
		return s.wrongBallot(w, r, round, http.StatusBadRequest, form{Wrong: text("bad-form")})
	}
	f := form{Choices: map[string]bool{}, District: r.PostForm.Get("district"), Number: r.PostForm.Get("number"),
		Token: r.PostForm.Get("token"), Code: r.PostForm.Get("code"), Request: r.PostForm.Get("request")}
	choices := r.PostForm["choice"]
	for _, id := range choices {
		f.Choices[id] = true
	}
	again := func(status int, key string, pairs ...any) error {
		f.Wrong = text(key, pairs...)
		return s.wrongBallot(w, r, round, status, f)
	}
	if len(f.Request) < 16 || len(f.Request) > 64 {
		return again(http.StatusBadRequest, "bad-form")
	}
	b := poll.Ballot{Class: poll.ClassPublic, District: f.District, Choices: choices}
	if refused := poll.Judge(round, b); refused != nil { // a code is not used up by a slip of the finger
		return again(http.StatusUnprocessableEntity, "refused-"+string(refused.Code), words(round, refused)...)
	}
	key, err := s.Voters.Key(round.ID)
	if err != nil {
		return err
	}
	var segment []byte
	f.SignOn = s.SignOn != nil
	tag := s.signedOnTag(r, key)
	f.Known = f.SignOn && tag != nil
	switch {
	case f.SignOn && !f.Known:
		return again(http.StatusForbidden, "sign-on-first")
	case !f.SignOn:
		number, err := identity.Mobile(f.Number)
		if err != nil {
			return again(http.StatusUnprocessableEntity, "bad-number")
		}
		if said := s.limits.match(r.Context(), key, number, f.Token, f.Code, s.From(r)); said != codeRight {
			f.Code = ""
			return again(said.status(), string(said))
		}
		tag, segment = key.Tag("mobile", number), key.Trace("segment", number[:7])
	}
	v := store.Vote{Tag: tag, KeyCheck: key.Check(), Class: poll.ClassPublic, District: f.District, Choices: choices,
		Address: key.Trace("address", s.From(r)), Segment: segment}
	if v.Receipt, err = key.Receipt(v.Tag, f.Request, choices...); err != nil {
		return err
	}
	out, err := s.Box.Cast(r.Context(), round.ID, v)
	if errors.Is(err, store.ErrUnavailable) {
		f.Wrong = text("unknown-outcome")
		return s.keptBallot(w, round, http.StatusServiceUnavailable, f)
	}
	if err != nil {
		return err
	}
	if out.Refused != nil {
		return again(http.StatusUnprocessableEntity, "refused-"+string(out.Refused.Code), words(round, out.Refused)...)
	}
	return s.showReceipt(w, round, v.Receipt, out, choices)
}

// words are what the text of a refusal speaks of.
func words(item *poll.Round, refused *poll.Refusal) []any {
	option, _ := item.Option(refused.Option)
	return []any{"least", item.Choices.Min, "most", item.Choices.Max, "option", option.Title, "opens", civil(item.Opens), "closes", civil(item.Closes)}
}

// wrongBallot shows the form as it was filled in, and where the round stands now.
func (s *Site) wrongBallot(w http.ResponseWriter, r *http.Request, round *poll.Round, status int, f form) error {
	item, err := s.found(r)
	if errors.Is(err, store.ErrUnavailable) {
		return s.keptBallot(w, round, status, f)
	}
	if err != nil {
		return err
	}
	return s.showBallot(w, status, item, f)
}

// keptBallot shows the form as it was filled in without asking the database, and wherever the round stands: sent again, it
// is the same ballot, and the answer says whether it is in.
func (s *Site) keptBallot(w http.ResponseWriter, round *poll.Round, status int, f form) error {
	w.Header().Set("Retry-After", "5")
	return s.showBallot(w, status, &store.RoundItem{Round: *round, State: store.RoundOpen}, f)
}

// challenge gives what a browser has to work on before it may ask for a code: a moment for one, a cost for many.
func (s *Site) challenge(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	key, err := s.Voters.Key(item.ID)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, map[string]any{"challenge": s.limits.challenge(key), "bits": workBits})
}

// code sends a one-time code, for work done and within the limits.
func (s *Site) code(w http.ResponseWriter, r *http.Request) error {
	item, err := s.found(r)
	if err != nil {
		return err
	}
	refuse := func(status int, name string) error {
		return answerJSON(w, status, map[string]any{"said": text(name, "opens", civil(item.Opens), "closes", civil(item.Closes))})
	}
	switch item.State {
	case store.RoundPlanned:
		return refuse(http.StatusConflict, "refused-ballot-early")
	case store.RoundReview, store.RoundCounting, store.RoundCounted, store.RoundVoid:
		return refuse(http.StatusConflict, "refused-ballot-late")
	}
	if s.SignOn != nil {
		return store.ErrNotFound
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyMost)
	number, err := identity.Mobile(r.PostFormValue("number"))
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, "bad-number")
	}
	key, err := s.Voters.Key(item.ID)
	if err != nil {
		return err
	}
	worked, err := s.limits.worked(r.Context(), key, r.PostFormValue("challenge"), r.PostFormValue("solution"))
	if err != nil {
		return err
	}
	if !worked {
		return refuse(http.StatusUnprocessableEntity, "work-missing")
	}
	if !s.limits.mayAsk(key, s.From(r)) {
		return refuse(http.StatusTooManyRequests, "too-often")
	}
	// Whoever asks gets a token, even when nothing more is sent to the number: a stranger who asks for another's number
	// uses up its messages, but the code of the last one is good with the token of whoever has the telephone.
	token := Token(key, number, s.Now())
	told := func(status int, name string) error {
		return answerJSON(w, status, map[string]any{"said": text(name), "token": token})
	}
	if !s.limits.maySend(key, number) {
		return told(http.StatusTooManyRequests, "sent-lately")
	}
	if err := s.Send(r.Context(), number, Code(key, number, token)); err != nil {
		s.Log.ErrorContext(r.Context(), "No code could be sent", "error", err) // the number is in no log
		return told(http.StatusBadGateway, "not-sent")
	}
	return told(http.StatusOK, "sent")
}

func answerJSON(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	return gone(json.NewEncoder(w).Encode(body))
}
