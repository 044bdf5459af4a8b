package doctor

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// inTheWay finds that an answer is not the webhook's: a redirect, a challenge that only a browser could pass, a page. nil
// where there is nothing of the kind.
func inTheWay(r *reply) *Result {
	var found Result
	guard := guardOf(r.header)
	switch {
	case r.status >= 300 && r.status < 400:
		found = fail(fmt.Sprintf("answers with a redirect (%d)", r.status),
			"Give the final URL: Entra is not known to follow redirects. Look at the scheme, a slash at the end, and the host name")
	case guard != "" && (isChallenge(r) || isPage(r)):
		found = fail(fmt.Sprintf("%s stands in the way with a challenge or a page of its own (%d)", guard, r.status),
			"Let POSTs to this path through without bot checks: Entra is no browser and cannot pass one")
	case isPage(r):
		found = fail(fmt.Sprintf("answers with a page (%d), which byoe never does", r.status),
			"See that the app runs and is not stopped, that Easy Auth does not ask for a sign-in, and that the URL is the function's")
	default:
		return nil
	}
	return &found
}

// isChallenge knows the header fields by which the guards say so themselves.
func isChallenge(r *reply) bool {
	return r.header.Get("Cf-Mitigated") != "" || r.header.Get("X-Amzn-Waf-Action") != "" || r.header.Get("X-Vercel-Mitigated") != ""
}

// isPage says that the answer is HTML. Some guards send it without saying so.
func isPage(r *reply) bool {
	mediaType, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err == nil && (mediaType == "text/html" || mediaType == "application/xhtml+xml") {
		return true
	}
	start := bytes.ToLower(bytes.TrimSpace(r.body[:min(len(r.body), 256)]))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// guardOf names what stands in front of the app, "" where nothing says so.
func guardOf(header http.Header) string {
	server := strings.ToLower(header.Get("Server"))
	switch {
	case header.Get("Cf-Ray") != "", header.Get("Cf-Mitigated") != "", server == "cloudflare":
		return "Cloudflare"
	case header.Get("X-Amzn-Waf-Action") != "", header.Get("X-Amz-Cf-Id") != "":
		return "Amazon CloudFront or its WAF"
	case header.Get("X-Azure-Ref") != "":
		return "Azure Front Door"
	case header.Get("X-Vercel-Mitigated") != "":
		return "Vercel"
	case header.Get("X-Datadome") != "":
		return "DataDome"
	case header.Get("X-Iinfo") != "":
		return "Imperva"
	case strings.HasPrefix(server, "akamai"):
		return "Akamai"
	default:
		return ""
	}
}
