package app

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// The image's layer of the Temporal server is built from what embedded imports and nothing else: one folder less and it does
// not build, one more and it is built anew for nothing.
func TestTheImageCopiesWhatTheServerNeeds(t *testing.T) {
	text, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	before, _, found := strings.Cut(string(text), "\nRUN go build -trimpath ./internal/embedded\n")
	require.True(t, found, "the Dockerfile builds the server by itself")
	var copied []string
	for _, match := range regexp.MustCompile(`(?m)^COPY (internal/\S+)/ (\S+)/$`).FindAllStringSubmatch(before, -1) {
		if match[1] != "internal/message/zh-CN" { // the web's texts
			require.Equal(t, match[1], match[2])
			copied = append(copied, "duban/"+match[1])
		}
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "../embedded")
	list.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := list.Output()
	require.NoError(t, err)
	var needed []string
	for _, path := range strings.Fields(string(out)) {
		if strings.HasPrefix(path, "duban/") {
			needed = append(needed, path)
		}
	}
	slices.Sort(needed)
	require.Equal(t, needed, copied)
}

// Whatever can be set can be set for the containers, but for what the image or the other services decide.
func TestTheComposeFilePassesEverySetting(t *testing.T) {
	decided := regexp.MustCompile(`^(data|listen|demo|demo-pace|sample|postgres\..*|temporal\..*|log\.format)$`)
	text, err := os.ReadFile("../../docker-compose.yml")
	require.NoError(t, err)
	var compose struct {
		Services map[string]struct {
			Environment map[string]string `yaml:"environment"`
		} `yaml:"services"`
	}
	require.NoError(t, yaml.UnmarshalWithOptions(text, &compose, yaml.AllowDuplicateMapKey())) // "restart" in place of what is merged
	for _, service := range []string{"migrate", "api", "worker"} {
		given := compose.Services[service].Environment
		for _, s := range Settings() {
			value, passed := given[s.Env]
			delete(given, s.Env)
			switch {
			case s.Env == "DATABASE_URL" || s.Env == "TEMPORAL_ADDRESS" || s.Env == "TEMPORAL_NAMESPACE":
				require.NotEmpty(t, value, "%s: %s", service, s.Env)
			case decided.MatchString(s.Key):
				require.False(t, passed, "%s: %s is decided", service, s.Env)
			default:
				require.Equal(t, "${"+s.Env+":-}", value, "%s: %s", service, s.Env)
			}
		}
		require.Empty(t, given, "%s: not among the settings", service)
	}
}
