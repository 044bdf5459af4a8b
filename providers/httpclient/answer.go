package httpclient

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest time that a vendor can make us stay away. A header of years, by mistake or malice, must
// not switch a provider off for good.
const maxRetryAfter = time.Hour

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
