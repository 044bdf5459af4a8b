package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// keep writes the record and the page, where they are wanted.
func (r record) keep(o options) error {
	var err error
	if o.record != "" {
		text, encodeErr := json.MarshalIndent(r, "", "  ")
		err = errors.Join(encodeErr, os.WriteFile(o.record, append(text, '\n'), 0o600))
	}
	if o.page != "" {
		err = errors.Join(err, r.renew(o.page))
	}
	return err
}

// The marks in a page between which the numbers of the last run stand.
const (
	numbersBegin = "<!-- numbers: written by go run ./bench -page -->\n"
	numbersEnd   = "<!-- end of numbers -->\n"
)

// renew puts the numbers into a page, in the place of those that are there.
func (r record) renew(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), numbersBegin)
	_, after, ends := strings.Cut(rest, numbersEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the numbers: the marks are missing", page)
	}
	return os.WriteFile(page, []byte(before+numbersBegin+r.markdown()+numbersEnd+after), 0o600)
}

// markdown is the machine, the goals, and every section's table.
func (r record) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s.\n\n", r.Machine)
	b.WriteString(goalsTable(r.Goals).markdown())
	title := ""
	for _, t := range r.Tables {
		if t.Title != title {
			title = t.Title
			fmt.Fprintf(&b, "### %s\n\n", title)
		}
		b.WriteString(t.markdown())
	}
	return b.String()
}

func (t table) markdown() string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Head)
	rule := make([]string, len(t.Head))
	for i := range rule {
		rule[i] = "---"
	}
	line(rule)
	for _, row := range t.Rows {
		line(row)
	}
	b.WriteString("\n")
	return b.String()
}
