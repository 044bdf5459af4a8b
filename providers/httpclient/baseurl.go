package httpclient

import (
	"net/url"
	"strings"

	"byoe/config"
)

// ValidateBaseURL says what is wrong with the value of a setting that holds a vendor's base URL. It must be https, plain
// http only on the loopback (tests, a local stand-in): the vendor's key travels in every request. It may have a path but
// neither user, query nor fragment.
func ValidateBaseURL(setting, value string) config.Problems {
	base, err := url.Parse(value)
	switch {
	case err != nil || base.Hostname() == "" || base.Opaque != "":
		return baseURLProblem(setting, "not an absolute URL")
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || strings.Contains(value, "#"):
		return baseURLProblem(setting, "has a user, a query or a fragment")
	case base.Scheme == "https", base.Scheme == "http" && config.IsLoopback(base.Hostname()):
		return nil
	default:
		return baseURLProblem(setting, "not https, and plain http is for the loopback only")
	}
}

func baseURLProblem(setting, what string) config.Problems {
	return config.Problems{{
		Setting: setting, What: what, Remedy: "Give the vendor's address alone, such as https://api.example.com",
	}}
}
