package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNumbersArePutInThePlaceOfTheOldOnes(t *testing.T) {
	t.Parallel()
	r := record{
		Machine: machine{CPU: "Some CPU", Cores: 2, At: time.Unix(0, 0).UTC()},
		Goals:   []goal{{What: "time", Got: 0.5, Reach: 1, Unit: "ms"}},
		Tables: []table{
			{Title: "One", Head: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}},
			{Title: "One", Head: []string{"c"}},
		},
	}
	page := filepath.Join(t.TempDir(), "page.md")
	write(t, page, "before\n"+numbersBegin+"old\n"+numbersEnd+"after\n")
	if err := r.keep(options{page: page, record: filepath.Join(t.TempDir(), "r.json")}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for _, want := range []string{"before\n" + numbersBegin, "Some CPU, 2 cores", "| time | 0.50 ms | <= 1 ms | 0.50 | reached |\n", "| a | b |\n| --- | --- |\n| 1 | 2 |\n", numbersEnd + "after\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "old") || strings.Count(got, "### One") != 1 {
		t.Errorf("the page is\n%s", got)
	}
	write(t, page, "no marks")
	if err := r.keep(options{page: page}); err == nil {
		t.Error("a page without marks was written")
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The page in the tree has the place.
func TestThePageHasItsPlace(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begins := strings.Cut(string(text), numbersBegin)
	if _, _, ends := strings.Cut(rest, numbersEnd); !begins || !ends {
		t.Error("docs/performance.md has lost the marks between which the numbers stand")
	}
}

func TestAPageGetsAWholeRun(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-page", "x", "-short"}, {"-page", "x", "-only", "load"}} {
		if _, err := parse(args, nil, t.Output()); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
