package message

import (
	"fmt"
	"slices"

	"byoe/config"
)

// Finding is one thing about a template set or a brand file that is wrong, or that a reader of the mail would suffer from.
type Finding struct {
	// Setting names what points to the file: MAIL_TEMPLATES_DIR or BRANDS_FILE.
	Setting string
	// File is the file's name, for a template set inside its folder. Line counts from 1; 0 is unknown.
	File string
	Line int
	// What and Remedy are one clause each, without a full stop.
	What, Remedy string
	// Stops says that byoe does not start with it. The others make a mail worse, not wrong.
	Stops bool
}

// Place is file:line, as editors understand it.
func (f Finding) Place() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

func (f Finding) problem() config.Problem {
	return config.Problem{Setting: f.Setting, What: f.Place() + ": " + f.What, Remedy: f.Remedy}
}

// maxFindings bounds how many of each grade are told: nobody reads more, and a file that is nothing but faults must not hold up
// the start.
const maxFindings = 300

// findings collects, each thing once: what is wrong with a layout is wrong in every language.
type findings struct {
	list          []Finding
	stops, doubts int
	added         int // with those that are not in the list
}

func (fs *findings) add(f Finding) {
	fs.added++
	count := &fs.doubts
	if f.Stops {
		count = &fs.stops
	}
	if *count < maxFindings && !slices.Contains(fs.list, f) {
		fs.list = append(fs.list, f)
		*count++
	}
}

// problems are those that stop the start.
func (fs *findings) problems() config.Problems {
	var problems config.Problems
	for _, f := range fs.list {
		if f.Stops {
			problems = append(problems, f.problem())
		}
	}
	return problems
}
