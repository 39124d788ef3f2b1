package api

import (
	"context"
	"strings"

	"duban/internal/identity"
	"duban/internal/message"
)

// ListChannels says by which channels people are told, and how they fare.
func (s *Server) ListChannels(ctx context.Context, _ ListChannelsRequestObject) (ListChannelsResponseObject, error) {
	if err := require(identity.MayListPersons(callerOf(ctx).Actor)); err != nil {
		return nil, err
	}
	waiting, failing, _, err := s.store.MailFigures(ctx)
	if err != nil {
		return nil, err
	}
	title := func(key ChannelKey) string { return message.Text("channels."+string(key), nil) }
	return ListChannels200JSONResponse{Items: []Channel{
		{Key: ChannelKeyInapp, Title: title(ChannelKeyInapp), On: true},
		{Key: ChannelKeyMail, Title: title(ChannelKeyMail), On: s.MailServer != "", Address: s.MailServer, Waiting: waiting,
			Failing: failing},
	}}, nil
}

// TryMail sends a mail now. That the server refuses it is an answer, not an error.
func (s *Server) TryMail(ctx context.Context, r TryMailRequestObject) (TryMailResponseObject, error) {
	who := callerOf(ctx)
	if err := require(identity.MayManagePersons(who.Actor)); err != nil {
		return nil, err
	}
	if s.MailServer == "" {
		return nil, &fault{code: "mail-off"}
	}
	fault := s.Config.TryMail(ctx, who.Name, r.Body.To, message.Text("channels.trial-subject", nil), message.Text("channels.trial-text", nil))
	if fault == "" {
		return TryMail200JSONResponse{Accepted: true, Message: message.Text("channels.accepted", map[string]any{"to": r.Body.To})}, nil
	}
	kind, answer, _ := strings.Cut(fault, " ")
	return TryMail200JSONResponse{Fault: fault, Message: message.Text("channels."+kind, map[string]any{"answer": answer})}, nil
}
