package deployment

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// webhook makes the function that Entra calls.
const webhook = "EmailOtpSend/function.json"

type binding struct {
	Type      string   `json:"type"`
	Direction string   `json:"direction"`
	Methods   []string `json:"methods"`
}

// checkFunctions looks at what decides how the host hands a request on.
func checkFunctions(files map[string]File) []Finding {
	var findings []Finding
	for _, name := range names(files) {
		if !isFunctionFile(name) {
			continue
		}
		if fault := functionFault(files[name].Content, name == webhook); fault != "" {
			findings = append(findings, Finding{Entry: name, What: fault, Remedy: "Take the committed file"})
		}
	}
	if _, found := files[webhook]; !found {
		findings = append(findings, Finding{Entry: webhook, What: "is missing: Entra calls this function, written exactly so", Remedy: remake})
	}
	return findings
}

// isFunctionFile says whether the host would take it for a function: it looks one folder deep.
func isFunctionFile(name string) bool {
	folder, base := path.Split(name)
	return base == "function.json" && strings.Count(folder, "/") == 1
}

// functionFault wants exactly one HTTP trigger and one HTTP output: with anything else the host speaks its JSON protocol to
// the program, and the caller gets 204 in place of the answer.
func functionFault(raw []byte, posted bool) string {
	var function struct {
		Bindings []binding `json:"bindings"`
	}
	if json.Unmarshal(raw, &function) != nil {
		return "is no JSON that the host reads"
	}
	kinds := map[string]int{}
	for _, b := range function.Bindings {
		kinds[b.Type+" "+b.Direction]++
		if b.Type == "httpTrigger" && posted && !slices.ContainsFunc(b.Methods, isPost) {
			return "does not let POST in, which is what Entra sends"
		}
	}
	if len(function.Bindings) != 2 || kinds["httpTrigger in"] != 1 || kinds["http out"] != 1 {
		return "must have one httpTrigger in, one http out, and nothing else"
	}
	return ""
}

func isPost(method string) bool { return strings.EqualFold(method, "post") }
