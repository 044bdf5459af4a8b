package standin

import (
	"context"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// proxy streams the request and the answer through: the host's newer way. A client that goes away cancels the request
// at the handler.
func (h *Host) proxy(w http.ResponseWriter, r *http.Request, call invocation) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	//nolint:contextcheck // two contexts meet here: the client's and that of the function's time limit
	stopWatching := context.AfterFunc(call.ctx, func() { cancel(context.Cause(call.ctx)) })
	defer stopWatching()
	reverse := &httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { rewrite(p, call) },
		Transport:     retrying{next: h.transport},
		FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if r.Context().Err() == nil {
				h.fail(w, call, err)
			}
		},
		ErrorLog: h.quietLog(),
	}
	reverse.ServeHTTP(w, r.WithContext(ctx))
}

// rewrite is the request as the handler sees it under proxying: the query word for word, the handler's own address for
// a host, and the X-Forwarded fields set anew, so that those of a front end are lost.
func rewrite(p *httputil.ProxyRequest, call invocation) {
	p.Out.URL = &url.URL{
		Scheme: "http", Host: call.handler.address, Path: p.In.URL.Path,
		RawQuery: p.In.URL.RawQuery, ForceQuery: p.In.URL.ForceQuery,
	}
	p.Out.Host = ""
	p.Out.Header = proxiedHeader(p.In.Header)
	p.Out.Header.Del("X-Forwarded-For")
	p.SetXForwarded()
	stamp(p.Out.Header, call.id, http.Header.Set)
	p.Out.Header.Set("X-Ms-Invocation-Id", call.id)
}

// connectionHeaders are what the host's proxy does not pass on. A header that Connection names passes all the same.
func connectionHeaders() []string {
	return []string{
		"Alt-Svc", "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
		"Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade", "Upgrade-Insecure-Requests",
	}
}

func proxiedHeader(in http.Header) http.Header {
	header := in.Clone()
	for _, name := range connectionHeaders() {
		header.Del(name)
	}
	return header
}
