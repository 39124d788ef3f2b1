package store_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"duban/internal/loopback"
	"duban/internal/store/storetest"
)

// A database whose machine is gone without a word is noticed within half a minute, on every connection there is.
func TestConnectionsEndThatNobodyAnswers(t *testing.T) {
	var dial pgconn.DialFunc
	storetest.New(t, func(c *pgxpool.Config) { dial = c.ConnConfig.DialFunc })
	listener, err := net.Listen("tcp", loopback.Host+":0")
	require.NoError(t, err)
	defer listener.Close()
	conn, err := dial(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	raw, err := conn.(syscall.Conn).SyscallConn()
	require.NoError(t, err)
	options := map[string]int{}
	require.NoError(t, raw.Control(func(fd uintptr) {
		for name, option := range map[string]int{"idle": syscall.TCP_KEEPIDLE, "between": syscall.TCP_KEEPINTVL, "probes": syscall.TCP_KEEPCNT, "unacknowledged": 0x12} {
			options[name], err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option)
			require.NoError(t, err)
		}
	}))
	require.Equal(t, map[string]int{"idle": 15, "between": 5, "probes": 3, "unacknowledged": 30_000}, options)
}
