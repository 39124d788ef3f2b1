package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"

	"github.com/google/uuid"

	"duban/internal/store"
)

// uploadMost bounds an upload: a file and what multipart wraps it in.
const uploadMost = store.MaxBlob + 1<<20

// UploadAttachment keeps a file.
func (s *Server) UploadAttachment(ctx context.Context, r UploadAttachmentRequestObject) (UploadAttachmentResponseObject, error) {
	who := callerOf(ctx)
	part, err := filePart(r.Body)
	if err != nil {
		return nil, err
	}
	if s.Blobs == nil {
		return nil, errors.New("api: no folder for attachments")
	}
	blob, err := s.Blobs.Put(part.FileName(), part)
	if err != nil {
		return nil, tooLarge(err)
	}
	a, err := s.store.PutAttachmentOnce(ctx, attachmentID(who.token, r.Params.IdempotencyKey), part.FileName(), blob, who.Person)
	if err != nil {
		return nil, err
	}
	return UploadAttachment201JSONResponse(attachmentView(a)), nil
}

// filePart finds the file among the parts of the form.
func filePart(form *multipart.Reader) (*multipart.Part, error) {
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, &fault{code: "attachment-missing"}
		case err != nil:
			return nil, tooLarge(err)
		case part.FormName() == "file" && part.FileName() != "":
			return part, nil
		}
	}
}

// tooLarge says of a body cut off at its bound what that means for a file; a body that is no form is a bad request.
func tooLarge(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &fault{code: store.CodeTooLarge}
	}
	return err
}

// attachmentID makes the id of an upload from its key, so that its repetition finds it; nobody without the session's
// token can.
func attachmentID(token, key string) string {
	sum := hmac.New(sha256.New, []byte(token))
	sum.Write([]byte("attachment\n" + key))
	id := uuid.UUID(sum.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 0x80 // RFC 9562: version 8, one's own
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

func attachmentView(a store.Attachment) Attachment {
	return Attachment{ID: a.ID, Name: a.Name, Type: a.Type, Size: a.Size, At: a.At}
}

// GetAttachment gives a file.
func (s *Server) GetAttachment(ctx context.Context, r GetAttachmentRequestObject) (GetAttachmentResponseObject, error) {
	who := callerOf(ctx)
	a, err := s.store.Attachment(ctx, r.Attachment, who.attachments())
	if err != nil {
		return nil, err
	}
	if s.Blobs == nil {
		return nil, errors.New("api: no folder for attachments")
	}
	file, err := s.Blobs.Open(a.Digest)
	if errors.Is(err, store.ErrNotFound) {
		s.log.ErrorContext(ctx, "The bytes of an attachment are gone", slog.String("attachment", a.ID), slog.String("sha256", a.Digest))
	}
	if err != nil {
		return nil, err
	}
	return GetAttachment200ApplicationOctetStreamResponse{Body: file, ContentLength: a.Size,
		Headers: GetAttachment200ResponseHeaders{ContentDisposition: saved(a.Name)}}, nil
}

// attached refuses form fields that name files the caller may not fetch: to name one is to show it.
func (s *Server) attached(ctx context.Context, who caller, form Form) error {
	for field, value := range form {
		for _, id := range texts(value) {
			if !isUUID(id) {
				continue
			}
			known, err := s.store.AttachmentKnown(ctx, id)
			if err != nil {
				return err
			}
			if !known {
				continue // some other id
			}
			if _, err := s.store.Attachment(ctx, id, who.attachments()); isNotFound(err) {
				return &fault{code: "attachment-unknown", fields: []FieldError{{Field: field, Message: fieldText("wrong")}}}
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}

// texts lists the strings in a form value.
func texts(value json.RawMessage) []string {
	var one string
	if json.Unmarshal(value, &one) == nil {
		return []string{one}
	}
	var many []json.RawMessage
	if json.Unmarshal(value, &many) == nil {
		var all []string
		for _, each := range many {
			all = append(all, texts(each)...)
		}
		return all
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(value, &fields) != nil {
		return nil
	}
	var all []string
	for _, each := range fields {
		all = append(all, texts(each)...)
	}
	return all
}
