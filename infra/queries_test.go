package infra_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// queries are the whole texts, as the templates put them together, by the name of the file.
func queries(t *testing.T) map[string]string {
	t.Helper()
	lines, err := os.ReadFile("queries/lines.kql")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("queries/*.kql")
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string]string{}
	for _, file := range files {
		if filepath.Base(file) == "lines.kql" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole[filepath.Base(file)] = string(lines) + "\n" + string(text)
	}
	return whole
}

// analyse asks Microsoft's language service what is wrong with each query, and which columns come out.
func analyse(t *testing.T, whole map[string]string) map[string][]string {
	t.Helper()
	input, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	runNode(t, "@kusto/language-service-next", "kusto.cjs", input, &found)
	return found
}

func TestQueries(t *testing.T) {
	t.Parallel()
	whole := queries(t)
	whole["no column"] = "AppTraces | where Messag == ''"
	whole["no operator"] = "AppTraces | wher true"
	found := analyse(t, whole)
	for name := range whole {
		if wrong := strings.HasPrefix(name, "no "); wrong != (len(found[name]) > 0) {
			t.Errorf("%s: %q", name, found[name])
		}
	}
	assertCompared(t, found)
}

// assertCompared: an alert compares a column that its query has, and that holds numbers.
func assertCompared(t *testing.T, found map[string][]string) {
	t.Helper()
	var rules *node
	for _, d := range declarations(parse(t)["modules/alerts.bicep"])["variable"] {
		if d.name == "rules" {
			rules = d.value()
		}
	}
	alerts := 0
	for _, rule := range rules.all("object") {
		alerts++
		properties := rule.properties()
		file, _ := properties["query"].first("arguments").first("string").literal()
		column, _ := properties["column"].literal()
		columns := found[filepath.Base(file)+" columns"]
		if !slices.Contains(columns, column+":long") && !slices.Contains(columns, column+":real") {
			t.Errorf("%s has no number %s: %q", file, column, columns)
		}
	}
	if alerts < 7 {
		t.Errorf("only %d alerts", alerts)
	}
}

// The queries read keys of the log line. Each is one that the code writes: a key that is renamed there is a query that finds
// nothing, and an alert that never comes.
func TestQueriesReadWhatIsLogged(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	for _, pattern := range []string{"../app/*.go", "../auth/*.go", "../handler/*.go", "../telemetry/*.go", "../delivery/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
	}
	written := code.String()
	keys := regexp.MustCompile(`\b(?:line|attempt)\.(?:refusal\.)?([A-Za-z]+)`)
	read := 0
	for name, text := range queries(t) {
		for _, key := range keys.FindAllStringSubmatch(text, -1) {
			read++
			if key[1] != "msg" && !strings.Contains(written, `"`+key[1]+`"`) {
				t.Errorf("%s reads %s, which nobody writes", name, key[1])
			}
		}
	}
	if read < 50 {
		t.Errorf("read %d keys", read)
	}
	for _, word := range []string{`Code: "resting"`, `"EmailOtpSend"`, `"B2COtpSend"`, `"keys_unavailable"`, `"signing keys not fetched"`, `"key-issuer"`, `"iss"`, `"aud"`, `"azp"`, `"ver"`, `"exp"`, `"nbf"`, `"iat"`} {
		if !strings.Contains(written, word) {
			t.Errorf("the queries look for %s, which nobody writes", word)
		}
	}
}
