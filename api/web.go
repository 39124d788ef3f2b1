package api

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// noncePlace is where the page's scripts and styles carry the answer's nonce; the build puts it there.
const noncePlace = "__CSP_NONCE__"

// web serves the built application: its page for every address that is no file, for it routes by itself.
type web struct {
	files fs.FS
	page  []byte
}

func newWeb(files fs.FS) (*web, error) {
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("api: the web application has no page: %w", err)
	}
	return &web{files: files, page: page}, nil
}

func (w *web) serve(c echo.Context) error {
	name := strings.TrimPrefix(path.Clean("/"+c.Request().URL.Path), "/")
	if strings.HasPrefix(name, "api/") || name == "api" {
		return &fault{code: "not-found"}
	}
	if name != "" && name != "index.html" {
		info, err := fs.Stat(w.files, name)
		switch {
		case err == nil && !info.IsDir():
			return w.file(c, name)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case strings.HasPrefix(name, "polls/"): // a page, whatever dots a round's id has
		case path.Ext(name) != "" || strings.HasPrefix(name, "assets/"):
			return &fault{code: "not-found"} // a file that is gone is not the page
		}
	}
	nonce, _ := c.Get(nonceKey).(string)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.HTMLBlob(http.StatusOK, bytes.ReplaceAll(w.page, []byte(noncePlace), []byte(nonce)))
}

// file serves one; those under assets have their digest in their name and never change.
func (w *web) file(c echo.Context, name string) error {
	cache := "no-cache"
	if strings.HasPrefix(name, "assets/") {
		cache = "public, max-age=31536000, immutable"
	}
	c.Response().Header().Set(echo.HeaderCacheControl, cache)
	http.ServeFileFS(c.Response(), c.Request(), w.files, name)
	return nil
}
