package handler

import "strings"

// traceID takes the trace's id out of a traceparent (W3C Trace Context, section 3.2): the Functions host sends one, and its
// own telemetry of the call is found by it. "" stands for whatever has not the form; a stranger may have written it.
func traceID(traceparent string) string {
	if len(traceparent) < 55 || traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-' {
		return ""
	}
	id := traceparent[3:35]
	if strings.Trim(id, "0123456789abcdef") != "" || strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}
