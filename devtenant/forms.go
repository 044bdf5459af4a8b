package devtenant

import (
	"net/http"
	"strconv"
	"time"
)

// maxPageForm bounds what a page's form sends, in bytes.
const maxPageForm = 64 << 10

// form reads a page's form, or answers 400.
func form(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxPageForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return false
	}
	return true
}

// seeOther sends the browser on after a form, so that going back or reloading does not send it twice.
func seeOther(w http.ResponseWriter, r *http.Request, path string) {
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// milliseconds reads a field; what is no number is 0.
func milliseconds(r *http.Request, field string) time.Duration {
	return time.Duration(number(r, field)) * time.Millisecond
}

// number reads a field that is a whole number from 0 to a million; anything else is 0.
func number(r *http.Request, field string) int {
	const most = 1_000_000
	n, err := strconv.Atoi(r.PostForm.Get(field))
	if err != nil {
		return 0
	}
	return min(max(n, 0), most)
}
