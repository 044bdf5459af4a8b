package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"byoe/internal/require"
)

// query is one KQL query, and where it stands.
type query struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// TestQueries has Microsoft's own parser read every KQL query of the docs: nobody tries them before an
// incident does.
func TestQueries(t *testing.T) {
	t.Parallel()
	queries := queriesInDocs(t)
	if len(queries) < 4 {
		t.Fatalf("only %d queries were found: the test has gone blind", len(queries))
	}
	for _, finding := range parseKQL(t, queries) {
		t.Error(finding)
	}
}

// TestParserOfQueriesFinds proves that the parser would complain, of grammar and of names.
func TestParserOfQueriesFinds(t *testing.T) {
	t.Parallel()
	wrong := []query{{"grammar", "AppTraces | wher 1 == 1"}, {"table", "Traces | count"}, {"column", "AppTraces | project Msg"}}
	findings := parseKQL(t, wrong)
	for _, q := range wrong {
		if !regexp.MustCompile(q.Name + `: line 1`).MatchString(fmt.Sprint(findings)) {
			t.Errorf("%s passes: %v", q.Name, findings)
		}
	}
}

// queriesInDocs are the blocks that say kql.
func queriesInDocs(t *testing.T) (queries []query) {
	t.Helper()
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^ *```kql\n(.*?)^ *```")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, found := range block.FindAllSubmatch(text, -1) {
			queries = append(queries, query{fmt.Sprintf("%s, block %d", file, i+1), string(found[1])})
		}
	}
	return queries
}

func parseKQL(t *testing.T, queries []query) (findings []string) {
	t.Helper()
	modules := os.Getenv("BYOE_NODE_MODULES")
	require.Component(t, "kusto", func() error {
		if _, err := os.Stat(filepath.Join(modules, "@kusto", "language-service-next")); modules == "" || err != nil {
			return errors.New("BYOE_NODE_MODULES does not name a node_modules folder that holds @kusto/language-service-next; npm ci --prefix .ci/npm makes one")
		}
		_, err := exec.LookPath("node")
		return err
	})
	question, err := json.Marshal(queries)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "testdata/kql.mjs")
	command.Stdin = bytes.NewReader(question)
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	if err := json.Unmarshal(answer, &findings); err != nil {
		t.Fatalf("node printed %q: %v", answer, err)
	}
	return findings
}
