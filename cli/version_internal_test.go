package cli

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	platform := []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "GOARCH", Value: "arm64"}}
	commit := append(platform, debug.BuildSetting{Key: "vcs.revision", Value: "d3b1ad1"}, debug.BuildSetting{Key: "vcs.time", Value: "2026-11-26T11:07:49Z"})
	tests := map[string]struct {
		version  string
		settings []debug.BuildSetting
		want     string
	}{
		"a tag": {"v1.2.3", commit, "byoe v1.2.3, go1.26.8 linux/arm64\ncommit d3b1ad1 of 2026-11-26T11:07:49Z"},
		"changed": {
			"v1.2.3+dirty", append(commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
			"byoe v1.2.3+dirty, go1.26.8 linux/arm64\ncommit d3b1ad1 of 2026-11-26T11:07:49Z, with changes that are not committed",
		},
		"no clone": {"", platform, "byoe (devel), go1.26.8 linux/arm64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: test.version}, Settings: test.settings}
			if got := describe(info); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{"version", "--version"} {
		var stdout, stderr bytes.Buffer
		if err := Run(t.Context(), []string{argument}, nil, &stdout, &stderr); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(stdout.String(), "byoe ") || !strings.Contains(stdout.String(), runtime.Version()) {
			t.Errorf("%s: %q", argument, stdout.String())
		}
	}
}
