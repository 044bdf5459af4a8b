package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// table is one section's numbers as they are shown.
type table struct {
	Title string
	Head  []string
	Rows  [][]string
}

func (t *table) row(cells ...string) { t.Rows = append(t.Rows, cells) }

func (t table) write(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, line := range append([][]string{t.Head}, t.Rows...) {
		if _, err := fmt.Fprintln(w, strings.Join(line, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// goal is one of the numbers to reach, and what was measured.
type goal struct {
	What string
	// Got is what was measured and Reach what it is to be at most, or at least.
	Got, Reach float64
	Unit       string
	AtLeast    bool
}

// ratio is what was measured in parts of what it is to be: 1 is the limit, from which side AtLeast says.
func (g goal) ratio() float64 {
	if g.Got == g.Reach { // also where none is wanted
		return 1
	}
	return g.Got / g.Reach
}

func (g goal) reached() bool {
	if g.AtLeast {
		return g.Got >= g.Reach
	}
	return g.Got <= g.Reach
}

func goalsTable(goals []goal) table {
	t := table{Head: []string{"what", "measured", "to reach", "ratio", ""}}
	for _, g := range goals {
		sign, verdict := "<=", "reached"
		if g.AtLeast {
			sign = ">="
		}
		if !g.reached() {
			verdict = "MISSED"
		}
		t.row(g.What, number(g.Got)+" "+g.Unit, sign+" "+number(g.Reach)+" "+g.Unit, fmt.Sprintf("%.2f", g.ratio()), verdict)
	}
	return t
}

// number prints three digits that count, and no more behind the point than there are.
func number(f float64) string {
	switch {
	case f == float64(int64(f)) || f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	default:
		return fmt.Sprintf("%.2f", f)
	}
}

// milliseconds are for people, and for goals.
func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", milliseconds(d)) }

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func us(d time.Duration) string { return fmt.Sprintf("%.0f µs", microseconds(d)) }

// megabytes are those of 1,000,000 bytes.
func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

func mb(bytes int64) string { return fmt.Sprintf("%.1f MB", megabytes(bytes)) }
