package hosttest

import (
	"encoding/json"
	"net/http"
	"testing"
)

// b2cKey is the key of B2C's policies in the app under test. It opens nothing else.
const b2cKey = "hosttest-0123456789abcdef0123456789"

// b2c sends a code as an Azure AD B2C policy does. The host hands on the header field with the key, and an answer of 401
// with more than one challenge, as they are.
func (s *session) b2c(t *testing.T) {
	for _, path := range []string{"/api/B2COtpSend", "/API/b2cotpsend/"} {
		e := newEvent(t)
		s.remember(e.address, e.code, b2cKey)
		claims, err := json.Marshal(map[string]string{"email": e.address, "otp": e.code, "locale": "en-US"})
		if err != nil {
			t.Fatal(err)
		}
		request := call{path: path, body: string(claims), header: map[string]string{"Content-Type": "application/json", "x-api-key": b2cKey}}
		if got := s.do(t, request); got.status != http.StatusOK || got.body != "{}" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s %s", path, got.status, got.header.Get("Content-Type"), got.body)
		}
		s.mailed(t, e)
	}
	got := s.do(t, call{path: "/api/B2COtpSend", body: "{}", header: map[string]string{"Content-Type": "application/json"}})
	if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != `ApiKey realm="byoe"` {
		t.Errorf("without a key: %d, challenge %q", got.status, got.header.Get("WWW-Authenticate"))
	}
	if got := s.do(t, call{method: http.MethodGet, path: "/api/B2COtpSend"}); got.status != http.StatusNotFound {
		t.Errorf("GET: %d", got.status)
	}
}
