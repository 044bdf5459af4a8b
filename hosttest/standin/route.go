package standin

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
)

// match finds the function for a request. The host matches without regard to case and takes one trailing slash; a
// method that the function does not list is "not found" there, not "not allowed".
func match(functions []function, prefix string, r *http.Request) (function, bool) {
	for _, candidate := range functions {
		want := "/" + strings.Trim(prefix+"/"+candidate.route, "/")
		if strings.EqualFold(want, strings.TrimSuffix(r.URL.Path, "/")) && candidate.takes(r.Method) {
			return candidate, true
		}
	}
	return function{}, false
}

// takes says whether the method is listed; no list means every method.
func (f function) takes(method string) bool {
	return len(f.methods) == 0 || slices.Contains(f.methods, strings.ToLower(method))
}

// authorised says whether the request may reach the function: it carries the key in the query or in the header, or the
// function asks for none.
func (f function) authorised(r *http.Request, key string) bool {
	return !f.locked || sameKey(r.URL.Query().Get("code"), key) || sameKey(r.Header.Get("X-Functions-Key"), key)
}

func sameKey(given, key string) bool {
	return key != "" && subtle.ConstantTimeCompare([]byte(given), []byte(key)) == 1
}
