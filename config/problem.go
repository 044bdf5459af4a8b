package config

import "strings"

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
