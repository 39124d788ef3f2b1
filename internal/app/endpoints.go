package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Endpoints are where PostgreSQL and Temporal are reached.
type Endpoints struct {
	DatabaseURL     string `json:"database_url"`
	TemporalAddress string `json:"temporal_address"`
}

func endpointsFile(data string) string { return filepath.Join(data, "endpoints.json") }

// writeEndpoints leaves word in the data folder for duban's other commands. The file holds a password.
func writeEndpoints(data string, at Endpoints) error {
	text, err := json.Marshal(at)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	return os.WriteFile(endpointsFile(data), text, 0o600)
}

func removeEndpoints(data string) error { return os.Remove(endpointsFile(data)) }

// ErrNotUp is returned where neither the configuration nor a running "duban up" says where the database is.
var ErrNotUp = errors.New("no DATABASE_URL and TEMPORAL_ADDRESS are set, and no duban runs on the data folder")

// ReadEndpoints says where PostgreSQL and Temporal are: as configured, or else as the duban that runs on the data folder
// left word.
func ReadEndpoints(c Config) (Endpoints, error) {
	at := Endpoints{DatabaseURL: c.Database.URL, TemporalAddress: c.Temporal.Address}
	if at.DatabaseURL != "" && at.TemporalAddress != "" {
		return at, nil
	}
	text, err := os.ReadFile(endpointsFile(c.Data))
	if errors.Is(err, fs.ErrNotExist) {
		return at, fmt.Errorf("%w (%s)", ErrNotUp, c.Data)
	}
	if err != nil {
		return at, err
	}
	var left Endpoints
	if err := json.Unmarshal(text, &left); err != nil {
		return at, fmt.Errorf("%s: %w", endpointsFile(c.Data), err)
	}
	if at.DatabaseURL == "" {
		at.DatabaseURL = left.DatabaseURL
	}
	if at.TemporalAddress == "" {
		at.TemporalAddress = left.TemporalAddress
	}
	return at, nil
}
