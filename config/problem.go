package config

import (
	"slices"
	"strings"
)

// Problem is one thing that is wrong with the settings, told so that the reader can mend it without the source.
// Neither field ever holds a setting's value: values may be secrets.
type Problem struct {
	// Setting is the name of the setting, such as SMTP_HOST.
	Setting string
	// What says what is wrong, in one clause without a full stop.
	What string
	// Remedy says what to do, in one clause without a full stop.
	Remedy string
}

// Error makes a Problem an error: "SMTP_HOST: not set. Name the server that takes your mail, such as smtp.example.com".
func (p Problem) Error() string {
	text := p.Setting + ": " + p.What
	if p.Remedy != "" {
		text += ". " + p.Remedy
	}
	return text
}

// Problems is every problem that was found, so that nobody has to start the program once for each of them.
type Problems []Problem

// Error prints one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// And adds more problems, except those of settings that already have one: a value that could not be read has no meaning
// that could be wrong too.
func (ps Problems) And(more Problems) Problems {
	all := slices.Clone(ps)
	for _, p := range more {
		if !slices.ContainsFunc(ps, func(told Problem) bool { return told.Setting == p.Setting }) {
			all = append(all, p)
		}
	}
	return all
}
