package api_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/api"
)

// With no room on the disk nothing new is taken, people still come and look, and once there is room the same keys are
// done.
func TestAFullDiskRefusesWhatWouldWrite(t *testing.T) {
	var full atomic.Bool
	w := newWorld(t, func(c *api.Config) { c.Full = full.Load })
	clerk := w.as("boshan.clerk")
	matter := clerk.started(proposal())
	full.Store(true)
	key, file, paper := uuid.NewString(), uuid.NewString(), "%PDF-1.7\n1 0 obj\n"
	problem := clerk.postAs(key, "/api/v1/matters", proposal()).refused(http.StatusInsufficientStorage, "disk-full")
	require.Contains(t, problem.Title, "请联系管理员清理磁盘")
	clerk.upload(file, "成效.pdf", strings.NewReader(paper)).refused(http.StatusInsufficientStorage, "disk-full")
	clerk.act(matter.ID, map[string]any{"action": "withdraw", "opinion": "不报了"}).refused(http.StatusInsufficientStorage, "disk-full")
	clerk.get("/api/v1/matters/" + matter.ID).is(http.StatusOK)
	w.as("boshan.head").get("/api/v1/assignments").is(http.StatusOK)
	full.Store(false)
	clerk.postAs(key, "/api/v1/matters", proposal()).is(http.StatusCreated)
	clerk.upload(file, "成效.pdf", strings.NewReader(paper)).is(http.StatusCreated)
}

// The database itself says that it has no room: the same words, and nothing is taken to be done.
func TestADatabaseWithoutRoomRefuses(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("boshan.clerk")
	_, err := w.store.Pool().Exec(t.Context(), `CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`)
	require.NoError(t, err)
	_, err = w.store.Pool().Exec(t.Context(), `CREATE TRIGGER no_room BEFORE INSERT ON journal EXECUTE FUNCTION no_room()`)
	require.NoError(t, err)
	key := uuid.NewString()
	refused := clerk.postAs(key, "/api/v1/matters", proposal())
	refused.refused(http.StatusInsufficientStorage, "disk-full")
	require.Equal(t, "5", refused.header.Get("Retry-After"))
	_, err = w.store.Pool().Exec(t.Context(), `DROP TRIGGER no_room ON journal`)
	require.NoError(t, err)
	clerk.postAs(key, "/api/v1/matters", proposal()).is(http.StatusCreated)
}
