package acs

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// authorize returns the header fields that open the resource: a signature where there is a key, else a token.
func (p *Provider) authorize(ctx context.Context, method, target string, body []byte, now time.Time) (http.Header, error) {
	if p.tokens == nil {
		return sign(p.account, method, target, body, now), nil
	}
	token, err := p.tokens.Token(ctx)
	if err != nil {
		return nil, err
	}
	return http.Header{"Authorization": {"Bearer " + token}}, nil
}

// sign makes the HMAC that stands for a shared key (learn.microsoft.com, "Sign an HTTP request with C#", Azure
// Communication Services). The date is part of it: the service refuses one that is five minutes off.
func sign(a account, method, target string, body []byte, now time.Time) http.Header {
	date := now.UTC().Format(http.TimeFormat)
	sum := sha256.Sum256(body)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	host, path := hostAndPath(a.endpoint)
	mac := hmac.New(sha256.New, a.key)
	mac.Write([]byte(method + "\n" + path + target + "\n" + date + ";" + host + ";" + hash))
	return http.Header{
		"X-Ms-Date":           {date},
		"X-Ms-Content-Sha256": {hash},
		"Authorization": {
			"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		},
	}
}

// hostAndPath splits a valid endpoint, of which a path is rare and then part of what is signed.
func hostAndPath(endpoint string) (host, path string) {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return "", ""
	}
	return parsed.Host, strings.TrimRight(parsed.EscapedPath(), "/")
}
