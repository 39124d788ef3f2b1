package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
)

// serve is the bare handler: Echo, one query, JSON.
func (b *bench) serve(ctx context.Context, pool *pgxpool.Pool, listings []listing) (base string, stop func(), err error) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	for i, l := range listings {
		e.GET(fmt.Sprint("/", i), func(c echo.Context) error {
			items, err := l.items(c.Request().Context(), b, pool, l)
			if err != nil {
				return err
			}
			return c.JSON(http.StatusOK, map[string]any{"items": items})
		})
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() {
		if err := server.Close(); err != nil {
			b.say("%v", err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			b.say("%v", err)
		}
	}, nil
}
