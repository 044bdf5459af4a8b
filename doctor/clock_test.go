package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"byoe/doctor"
)

// timed is a server whose clock is off.
func timed(t *testing.T, off time.Duration, header map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
		for name, value := range header {
			w.Header().Set(name, value)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestClock(t *testing.T) {
	t.Parallel()
	cached := map[string]string{"Age": "3600"}
	for name, tt := range map[string]struct {
		servers          []string
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"right":           {[]string{timed(t, 0, nil)}, doctor.OK, "within 30s of 127.0.0.1", ""},
		"a little behind": {[]string{timed(t, 45*time.Second, nil)}, doctor.Warn, "s behind from 127.0.0.1", "NTP"},
		// The header has whole seconds, so that the last digit is any of two.
		"far behind":        {[]string{timed(t, 10*time.Minute+30*time.Second, nil)}, doctor.Fail, "10m", "NTP"},
		"far behind, which": {[]string{timed(t, 10*time.Minute+30*time.Second, nil)}, doctor.Fail, "s behind from", "NTP"},
		"far ahead":         {[]string{timed(t, -630*time.Second, nil), timed(t, -11*time.Minute, nil)}, doctor.Fail, "10m", "NTP"},
		"far ahead, which":  {[]string{timed(t, -630*time.Second, nil), timed(t, -11*time.Minute, nil)}, doctor.Fail, "s ahead", "NTP"},
		"one server is off": {[]string{timed(t, time.Hour, nil), timed(t, 0, nil)}, doctor.OK, "", ""},
		"out of a cache":    {[]string{timed(t, -time.Hour, cached)}, doctor.Skip, "no server told", ""},
		"no date":           {[]string{timed(t, 0, map[string]string{"Date": "soon"})}, doctor.Skip, "no server told", ""},
		"nobody there":      {[]string{"http://127.0.0.1:1/"}, doctor.Skip, "no server told", ""},
		"none to ask":       {nil, doctor.Skip, "no server told", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, look(t, doctor.Clock(tt.servers, nil))[0], tt.verdict, tt.evidence, tt.remedy)
		})
	}
}
