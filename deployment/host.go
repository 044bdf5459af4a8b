package deployment

import (
	"encoding/json"
	"path"
	"strings"
)

// host is what of host.json decides whether the app runs.
type host struct {
	Version       string `json:"version"`
	CustomHandler struct {
		Description struct {
			DefaultExecutablePath string `json:"defaultExecutablePath"`
		} `json:"description"`
		EnableProxyingHTTPRequest   bool `json:"enableProxyingHttpRequest"`
		EnableForwardingHTTPRequest bool `json:"enableForwardingHttpRequest"`
	} `json:"customHandler"`
}

// readHost returns the program that the host starts, "" where it could start none, and what is wrong.
func readHost(raw []byte) (program string, findings []Finding) {
	var h host
	if json.Unmarshal(raw, &h) != nil {
		return "", []Finding{{Entry: hostFile, What: "is no JSON that the host reads", Remedy: "Take the committed file"}}
	}
	add := func(what, remedy string) {
		findings = append(findings, Finding{Entry: hostFile, What: what, Remedy: remedy})
	}
	if h.Version != "2.0" {
		add(`has not the version "2.0"`, `Set "version": "2.0"`)
	}
	program = h.CustomHandler.Description.DefaultExecutablePath
	if fault := programFault(program); fault != "" {
		add(fault, "Set customHandler.description.defaultExecutablePath to byoe, exactly the name of the file")
		program = ""
	}
	// A host that knows proxying takes it; an older one forwards. With neither it speaks a JSON protocol of its own.
	if !h.CustomHandler.EnableProxyingHTTPRequest || !h.CustomHandler.EnableForwardingHTTPRequest {
		add("does not hand requests on as they are", "Set enableProxyingHttpRequest and enableForwardingHttpRequest, both, to true")
	}
	return program, findings
}

// programFault says why this is not the plain name of a file. Tools set the executable bit only on the entry whose name is
// to the letter what host.json says, so that even ./byoe arrives without it.
func programFault(program string) string {
	switch {
	case program == "":
		return "names no executable"
	case strings.HasSuffix(strings.ToLower(program), ".exe"):
		return "names an executable for Windows"
	case strings.ContainsAny(program, `\:%`), path.Clean(program) != program, path.IsAbs(program), strings.HasPrefix(program, "../"):
		return "does not name the executable exactly as the file is called"
	default:
		return ""
	}
}
