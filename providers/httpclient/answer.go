package httpclient

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxRetryAfter is the longest time that a vendor can make us stay away. A header of years, by mistake or malice, must
// not switch a provider off for good.
const maxRetryAfter = time.Hour

// maxMessageID is the longest vendor id that goes into a log, in octets.
const maxMessageID = 128

// RetryAfter returns how long the vendor asks us to stay away: Retry-After in seconds or as a date (RFC 9110, section
// 10.2.3), else X-RateLimit-Reset in seconds since 1970 (SendGrid). It lies between 0, which also stands for a header
// that is missing or makes no sense, and one hour.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	if value := strings.TrimSpace(header.Get("Retry-After")); value != "" {
		if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
			return boundWait(seconds)
		}
		if date, err := http.ParseTime(value); err == nil {
			return boundWait(int64(date.Sub(now).Seconds()))
		}
	}
	if reset, err := strconv.ParseInt(strings.TrimSpace(header.Get("X-RateLimit-Reset")), 10, 64); err == nil {
		return boundWait(reset - now.Unix())
	}
	return 0
}

// boundWait compares before it multiplies: a Duration overflows at 292 years.
func boundWait(seconds int64) time.Duration {
	limit := int64(maxRetryAfter / time.Second)
	return time.Duration(max(0, min(seconds, limit))) * time.Second
}

// MessageID returns a vendor's id for a mail if it is fit for a log line: letters, digits, '.', '_' and '-', at most 128
// of them. Of anything else nothing is kept.
func MessageID(id string) string {
	if len(id) > maxMessageID || strings.ContainsFunc(id, notInMessageID) {
		return ""
	}
	return id
}

func notInMessageID(r rune) bool {
	isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	isDigit := r >= '0' && r <= '9'
	return !isLetter && !isDigit && r != '.' && r != '_' && r != '-'
}

// HeaderText returns text in one line, with a space for every control character. The vendor builds a header field out
// of it: a line break in a name would begin a field of its own there (email header injection, CWE-93).
func HeaderText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}
