package entra_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoe/entra"
	"byoe/entra/graphtest"
)

func TestRecordRefusesWhatIsNotIts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, says string }{
		"another tenant": {`{"format":1,"tenant":"x","name":"` + entra.DefaultName + `"}`, "of another tenant"},
		"another set-up": {`{"format":1,"tenant":"` + graphtest.TenantID + `","name":"test","items":{"caller":{"id":"x"}}}`, `of another set-up, "test"`},
		"another form":   {`{"format":2}`, "form 2"},
		"no JSON":        {`half a rec`, "Move it away"},
	} {
		path := filepath.Join(t.TempDir(), "record.json")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := entra.OpenRecord(path, graphtest.TenantID, entra.DefaultName); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRecordThatCannotBeWrittenStopsBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.record = filepath.Join(filepath.Dir(b.record), "no", "such", "folder", "record.json")
		if _, err := b.try(entra.PlanApply); err == nil || !strings.Contains(err.Error(), "--record") {
			t.Errorf("%v", err)
		}
		if writes := b.graph.Writes(); len(writes) != 0 {
			t.Errorf("%v", writes)
		}
	})
}

func TestRecordTellsWhatWasDone(t *testing.T) {
	t.Parallel()
	bubble(t, func(b *bench) {
		b.want.Endpoint += "?code=hunter2"
		b.do(entra.PlanApply)
		text := b.recordText()
		for _, want := range []string{`"command": "apply"`, `"resource": "listener"`, `"origin": "created"`, `"targetUrl": "https://contoso-otp.azurewebsites.net/api/EmailOtpSend?(left out)"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is not in\n%s", want, text)
			}
		}
		if strings.Contains(text, "hunter2") {
			t.Errorf("a key is kept:\n%s", text)
		}
		leftovers, err := filepath.Glob(filepath.Join(filepath.Dir(b.record), ".byoe-setup-*"))
		if err != nil || len(leftovers) != 0 {
			t.Errorf("%v, %v", leftovers, err)
		}
	})
}

func TestWantValidate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(w *entra.Want)
		says   string
	}{
		"http":        {func(w *entra.Want) { w.Endpoint = "http://contoso.azurewebsites.net/" }, "--endpoint: not https"},
		"loopback":    {func(w *entra.Want) { w.Endpoint = "https://127.0.0.1/" }, "on this machine"},
		"bare host":   {func(w *entra.Want) { w.Endpoint = "https://contoso/" }, "fully qualified"},
		"no URL":      {func(w *entra.Want) { w.Endpoint = "contoso" }, "not a URL"},
		"none":        {func(w *entra.Want) { w.Endpoint = "" }, "not given"},
		"braces":      {func(w *entra.Want) { w.Endpoint = "https://contoso.example/{application.appId}" }, "not a URL"},
		"time-out":    {func(w *entra.Want) { w.Timeout = 2001 }, "--timeout"},
		"retries":     {func(w *entra.Want) { w.Retries = 2 }, "--retries"},
		"app":         {func(w *entra.Want) { w.Apps = []string{"x"} }, "--app: not a GUID"},
		"both":        {func(w *entra.Want) { w.All = true }, "--all-apps"},
		"priority":    {func(w *entra.Want) { n := 1001; w.Priority = &n }, "--priority"},
		"tenant":      {func(w *entra.Want) { w.TenantID = "contoso.onmicrosoft.com" }, "--tenant: not a GUID"},
		"caller":      {func(w *entra.Want) { w.CallerAppID = "" }, "--caller"},
		"name":        {func(w *entra.Want) { w.Name = " " }, "--name"},
		"all is well": {func(*entra.Want) {}, ""},
	} {
		w := wanted()
		test.change(&w)
		if got := w.Validate().Error(); !strings.Contains(got, test.says) || test.says == "" && got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
