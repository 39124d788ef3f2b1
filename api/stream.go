package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// gather is how long changes are gathered before they are told: a busy office asks the database a few times a second for
// each person that looks on, not once for every change.
const gather = 200 * time.Millisecond

// beat is how often a silent stream shows that it is alive; who asks is looked at anew as often.
const beat = 20 * time.Second

// Stream tells the caller what changes, as it changes.
func (s *Server) Stream(ctx context.Context, r StreamRequestObject) (StreamResponseObject, error) {
	if s.Hub == nil {
		return nil, &fault{code: "stopping"}
	}
	ended, ok := s.streaming()
	if !ok {
		return nil, &fault{code: "stopping"}
	}
	return stream{s: s, ended: ended, ctx: ctx, who: callerOf(ctx), resumed: r.Params.LastEventID != ""}, nil
}

// stream is one person's.
type stream struct {
	s       *Server
	ctx     context.Context
	who     caller
	resumed bool
	ended   func()
	unread  int
	w       http.ResponseWriter
	control *http.ResponseController
}

// VisitStreamResponse writes events until the asker goes, the session ends or the server stops.
func (st stream) VisitStreamResponse(w http.ResponseWriter) error {
	s := st.s
	defer st.ended()
	changes, cancel := s.Hub.Subscribe()
	defer cancel()

	st.w, st.control = w, http.NewResponseController(w)
	// A stream outlives whatever limits the server sets to writing an answer.
	if err := st.control.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if err := st.begin(); err != nil {
		return nil //nolint:nilerr // the answer has begun: its end is all there is to say
	}
	pulse := time.NewTicker(beat)
	defer pulse.Stop()
	gathered, office := map[string]int64{}, false // matter -> sequence
	told := time.NewTimer(gather)
	told.Stop()
	defer told.Stop()
	for {
		var err error
		select {
		case <-st.ctx.Done():
			return nil
		case <-s.stopped.Done():
			return nil
		case change := <-changes:
			if change.Rules {
				continue // told of again once this process has them
			}
			if len(gathered) == 0 && !office {
				told.Reset(gather)
			}
			if change.Office {
				office = true
			} else {
				gathered[change.Matter] = max(gathered[change.Matter], change.Seq)
			}
		case <-told.C:
			if office {
				err = st.send("office", struct{}{})
			}
			if err == nil && len(gathered) > 0 {
				err = st.tell(gathered)
			}
			clear(gathered)
			office = false
		case <-pulse.C:
			err = st.pulse()
		}
		if err != nil {
			return nil //nolint:nilerr // as above
		}
	}
}

// begin says that the stream is there; a stream resumed may have missed anything, for nothing is kept of what was said.
func (st *stream) begin() error {
	var err error
	if st.unread, err = st.s.store.Unread(st.ctx, st.who.Person); err != nil {
		return err
	}
	if st.resumed {
		return st.send("reset", struct{}{})
	}
	return st.write(": here\nretry: 2000\n\n")
}

// tell tells of the matters the caller may see, and whether there is news for the caller. No matter stands for changes
// that were missed.
func (st *stream) tell(changed map[string]int64) error {
	if _, missed := changed[""]; missed {
		if err := st.send("reset", struct{}{}); err != nil {
			return err
		}
		delete(changed, "")
	}
	visible, err := st.s.store.Visible(st.ctx, slices.Sorted(maps.Keys(changed)), st.who.sight())
	if err != nil {
		return err
	}
	for _, matter := range visible {
		if err := st.send("matter", StreamMatter{Matter: matter, Sequence: changed[matter]}); err != nil {
			return err
		}
	}
	unread, err := st.s.store.Unread(st.ctx, st.who.Person)
	if err != nil || unread == st.unread {
		return err
	}
	st.unread = unread
	return st.send("notification", StreamNotification{Unread: unread})
}

// pulse keeps the connection open while the session is good.
func (st *stream) pulse() error {
	bearer, err := st.s.store.Session(st.ctx, st.who.token, st.s.now())
	if err != nil {
		return err
	}
	st.who.Bearer = bearer
	return st.write(": alive\n\n")
}

func (st *stream) send(event string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return st.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", st.s.now().UnixMilli(), event, text))
}

func (st *stream) write(text string) error {
	if _, err := st.w.Write([]byte(text)); err != nil {
		return err
	}
	return st.control.Flush()
}
