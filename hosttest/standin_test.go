package hosttest_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"byoe/hosttest"
	"byoe/hosttest/standin"
)

// standIn is the stand-in for a [hosttest.Host].
type standIn struct{ *standin.Host }

func (s standIn) HandlerURL() (string, error) { return s.Host.HandlerURL(), nil }

func startStandIn(t *testing.T, options hosttest.Options) hosttest.Host {
	t.Helper()
	t.Parallel() // each has its own handler and ports; the real host is too heavy for that
	environ := os.Environ()
	for _, extra := range []map[string]string{hosttest.PlatformEnv(), options.Mode.Env(), options.Env} {
		for _, name := range slices.Sorted(maps.Keys(extra)) {
			environ = append(environ, name+"="+extra[name])
		}
	}
	host, err := standin.Start(t.Context(), standin.Options{
		AppDir: options.App, Environ: environ, CheckKeys: options.CheckKeys,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	return standIn{host}
}

func TestStandInBehavesAsTheHost(t *testing.T) {
	t.Parallel()
	hosttest.Agree(t, startStandIn)
}

func TestUnderTheStandIn(t *testing.T) {
	t.Parallel()
	app := hosttest.BuildApp(t)
	t.Run("alone", func(t *testing.T) { hosttest.RunAlone(t, app) })
	hosttest.Run(t, app, startStandIn)
}

func TestPagesUnderTheStandIn(t *testing.T) {
	hosttest.RunPages(t, hosttest.BuildApp(t), startStandIn)
}
