// Package browsertest starts the browser that tests of pages click in.
package browsertest

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"byoe/internal/require"
)

// most bounds every wait of one test in its browser.
const most = 3 * time.Minute

// Open starts Chromium for the length of the test, which is skipped, or fails, where there is none.
func Open(t *testing.T) context.Context {
	t.Helper()
	require.Component(t, "chromium", func() error { _, err := exec.LookPath("chromium"); return err })
	ctx, cancel := context.WithTimeout(t.Context(), most)
	t.Cleanup(cancel)
	// Without a sandbox: in a container the tests run as root, which Chromium refuses otherwise.
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath("chromium"), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}
