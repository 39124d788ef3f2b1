package public

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"rsc.io/qr"
)

func TestGateway(t *testing.T) {
	status := http.StatusAccepted
	var got map[string]string
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&got))
		w.WriteHeader(status)
	}))
	defer gateway.Close()
	send := ToGateway(gateway.URL, "secret")
	require.NoError(t, send(t.Context(), "13800000000", "012345"))
	assert.Equal(t, "012345", got["code"])
	assert.Contains(t, got["text"], "012345")
	status = http.StatusInternalServerError
	assert.ErrorIs(t, send(t.Context(), "13800000000", "012345"), ErrGateway)
	gateway.Close()
	assert.ErrorIs(t, send(t.Context(), "13800000000", "012345"), ErrGateway)
}

// A square's picture is the code itself, with its margin, as any reader of PNG sees it.
func TestSquares(t *testing.T) {
	var s squares
	for _, text := range []string{"https://duban.example/vote/first.vote.1/verify#2222-2222-2222", strings.Repeat("x", 400)} {
		address, width, err := s.draw(text)
		require.NoError(t, err)
		data, found := strings.CutPrefix(address, "data:image/png;base64,")
		require.True(t, found)
		file, err := base64.StdEncoding.DecodeString(data)
		require.NoError(t, err)
		drawn, err := png.Decode(bytes.NewReader(file))
		require.NoError(t, err)
		assert.Equal(t, image.Rect(0, 0, width, width), drawn.Bounds())
		code, err := qr.Encode(text, qr.M)
		require.NoError(t, err)
		assert.Equal(t, code.Size+8, width)
		for y := range width {
			for x := range width {
				grey, _, _, _ := drawn.At(x, y).RGBA()
				require.Equal(t, code.Black(x-4, y-4), grey == 0, "%d %d", x, y)
			}
		}
	}
	_, _, err := s.draw(strings.Repeat("x", 3000))
	assert.Error(t, err)
}
