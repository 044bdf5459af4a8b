package standin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"byoe/hosttest/probe"
	"byoe/hosttest/standin"
)

const proxyOff = "AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest=false"

// start runs the app with a probe that starts as told.
func start(t *testing.T, dir, how string, change func(*standin.Options), environ ...string) *standin.Host {
	t.Helper()
	skipOnWindows(t)
	options := standin.Options{
		AppDir:  dir,
		Environ: append(append(os.Environ(), probe.Variable+"="+how), environ...),
	}
	if change != nil {
		change(&options)
	}
	host, err := standin.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	return host
}

// post calls the function and returns the status and what the probe saw.
func post(t *testing.T, host *standin.Host, path string) (int, probe.Seen) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, host.URL()+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var seen probe.Seen
	_ = json.NewDecoder(bytes.NewReader(body)).Decode(&seen) // an empty body is seen by its status
	return response.StatusCode, seen
}

func TestRequestsAreHeldUntilTheHandlerIsReady(t *testing.T) {
	t.Parallel()
	for _, environ := range []string{"NOTHING=", proxyOff} {
		host := start(t, app(t, nil), "late", nil, environ)
		begun := time.Now()
		status, _ := post(t, host, "/api/otp")
		if took := time.Since(begun); status != http.StatusOK || took < probe.Late/2 {
			t.Errorf("%s: status %d after %v, want 200 once the handler listens", environ, status, took)
		}
	}
}

// Whatever takes a connection is ready: a handler that speaks no HTTP is not waited for.
func TestAHandlerThatHangsUpIsReady(t *testing.T) {
	t.Parallel()
	host := start(t, app(t, nil), "rude", nil, proxyOff)
	begun := time.Now()
	status, _ := post(t, host, "/api/otp")
	if took := time.Since(begun); status != http.StatusInternalServerError || took > 10*time.Second {
		t.Errorf("status %d after %v, want 500 at once", status, took)
	}
}

func TestAHandlerThatNeverListensIsGivenUp(t *testing.T) {
	t.Parallel()
	hostJSON := strings.Replace(validHost, `"enableF`, `"initializationTimeout":"00:00:01","enableF`, 1)
	host := start(t, app(t, map[string]string{"host.json": hostJSON}), "deaf", nil)
	begun := time.Now()
	assertGivenUp(t, host, []int{137, 137, 137})
	if took := time.Since(begun); took < 2500*time.Millisecond {
		t.Errorf("given up after %v, want three starts of a second", took)
	}
}

func TestAHandlerThatCannotStartIsGivenUp(t *testing.T) {
	t.Parallel()
	host := start(t, app(t, nil), "4", nil)
	assertGivenUp(t, host, []int{4, 4, 4})
	if !said(host, "probe: will not start", standin.Error) {
		t.Error("the handler's reason is lost")
	}
}

func assertGivenUp(t *testing.T, host *standin.Host, codes []int) {
	t.Helper()
	select {
	case <-host.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the host goes on")
	}
	if host.Err() == nil {
		t.Error("the host has ended without an error")
	}
	if got := host.ExitCodes(); !slices.Equal(got, codes) {
		t.Errorf("exit codes %v, want %v", got, codes)
	}
}

func TestTheKeyOpensALockedFunction(t *testing.T) {
	t.Parallel()
	host := start(t, app(t, nil), "serve", func(o *standin.Options) { o.CheckKeys, o.Key = true, "the-key" })
	for path, want := range map[string]int{"/api/otp?code=the-key": 200, "/api/otp?code=the-kez": 401, "/api/otp": 401} {
		if status, _ := post(t, host, path); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
}

func TestArgumentsAreSplitAtSpacesAndFolderIsResolved(t *testing.T) {
	t.Parallel()
	hostJSON := strings.Replace(validHost, `"byoe"`,
		`"byoe","arguments":["one","%TWO_WORDS%","%NOT_SET%"],"workingDirectory":"Otp"`, 1)
	dir := app(t, map[string]string{"host.json": hostJSON})
	_, seen := post(t, start(t, dir, "serve", nil, "TWO_WORDS=hello world"), "/api/otp")
	if got, want := strings.Join(seen.Args[1:], "|"), "one|hello|world"; got != want {
		t.Errorf("arguments %q, want %q", got, want)
	}
	want, err := filepath.EvalSymlinks(filepath.Join(dir, "Otp"))
	if err != nil {
		t.Fatal(err)
	}
	if seen.Dir != want {
		t.Errorf("folder %s, want %s", seen.Dir, want)
	}
}

func TestTheEnvironmentCountsMoreThanLocalSettings(t *testing.T) {
	t.Parallel()
	settings := strings.Replace(validSettings, `"}}`, `","COLOUR":"red","SHAPE":"round"}}`, 1)
	host := start(t, app(t, map[string]string{"local.settings.json": settings}), "serve", nil, "COLOUR=blue")
	_, seen := post(t, host, "/api/otp?env")
	if seen.Env["COLOUR"] != "blue" || seen.Env["SHAPE"] != "round" {
		t.Errorf("COLOUR=%s SHAPE=%s, want blue and round", seen.Env["COLOUR"], seen.Env["SHAPE"])
	}
}

func TestADeployedAppHasNoLocalSettings(t *testing.T) {
	t.Parallel()
	host := start(t, app(t, map[string]string{"local.settings.json": ""}), "serve", nil, "FUNCTIONS_WORKER_RUNTIME=Custom")
	if status, _ := post(t, host, "/api/otp"); status != http.StatusOK {
		t.Errorf("status %d, want 200", status)
	}
}

func TestOverridesReachEveryKey(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	const section = "AzureFunctionsJobHost__customHandler__"
	host := start(t, app(t, nil), "serve", nil,
		"azurefunctionsjobhost__CUSTOMHANDLER__Description__UseStdErrorStreamForErrorsOnly=False",
		"AzureFunctionsJobHost__extensions__http__routePrefix=api/deep",
		section+"port=1", section+"port="+port, proxyOff)
	status, seen := post(t, host, "/api/deep/otp?do=say&stderr=plain&env")
	if status != http.StatusOK || seen.Env["FUNCTIONS_CUSTOMHANDLER_PORT"] != port {
		t.Errorf("status %d, port %s, want %s", status, seen.Env["FUNCTIONS_CUSTOMHANDLER_PORT"], port)
	}
	if !strings.Contains(seen.Header.Get("User-Agent"), "Azure-Functions-Host/") {
		t.Error("the request was not forwarded")
	}
	host.Close() // reads the handler's output to its end
	if !said(host, "plain", standin.Information) {
		t.Errorf("stderr was not judged by its words: %v", host.Lines())
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestOneKeyAloneIsWarnedAbout(t *testing.T) {
	t.Parallel()
	if got := start(t, app(t, nil), "serve", nil, proxyOff).Warnings(); len(got) != 1 {
		t.Errorf("warnings %q, want one for forwarding alone", got)
	}
	if got := start(t, app(t, nil), "serve", nil).Warnings(); len(got) != 0 {
		t.Errorf("warnings %q, want none for both", got)
	}
}

func said(host *standin.Host, text string, level standin.Level) bool {
	return slices.Contains(host.Lines(), standin.Line{Level: level, Text: text})
}
