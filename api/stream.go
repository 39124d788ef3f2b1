package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"duban/internal/store"
)

// beat is how often a silent stream shows that it is alive; who asks is looked at anew as often.
const beat = 20 * time.Second

// Stream tells the caller what changes, as it changes.
func (s *Server) Stream(ctx context.Context, r StreamRequestObject) (StreamResponseObject, error) {
	if s.Hub == nil || s.stopped.Err() != nil {
		return nil, &fault{code: "stopping"}
	}
	return stream{s: s, ctx: ctx, who: callerOf(ctx), resumed: r.Params.LastEventID != ""}, nil
}

// stream is one person's.
type stream struct {
	s       *Server
	ctx     context.Context
	who     caller
	resumed bool
	unread  int
	w       http.ResponseWriter
	control *http.ResponseController
}

// VisitStreamResponse writes events until the asker goes, the session ends or the server stops.
func (st stream) VisitStreamResponse(w http.ResponseWriter) error {
	s := st.s
	changes, cancel := s.Hub.Subscribe()
	defer cancel()
	s.streams.Add(1)
	defer s.streams.Done()
	s.metrics.streams.Inc()
	defer s.metrics.streams.Dec()

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
	for {
		var err error
		select {
		case <-st.ctx.Done():
			return nil
		case <-s.stopped.Done():
			return nil
		case change := <-changes:
			err = st.change(change)
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

// change tells of a matter the caller may see, and whether there is news for the caller.
func (st *stream) change(c store.Announcement) error {
	if c.Missed() {
		return st.send("reset", struct{}{})
	}
	visible, err := st.s.store.Visible(st.ctx, c.Matter, st.who.sight())
	if err != nil {
		return err
	}
	if visible {
		if err := st.send("matter", StreamMatter{Matter: c.Matter, Sequence: c.Seq}); err != nil {
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
