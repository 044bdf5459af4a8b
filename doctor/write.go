package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteText writes the results for people: by group, in columns, each remedy below its finding.
func WriteText(w io.Writer, results []Result) error {
	var page strings.Builder
	width := 0
	for _, r := range results {
		width = max(width, utf8.RuneCountInString(r.Title))
	}
	group := ""
	for _, r := range results {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(&page, "%s\n", group)
		}
		fmt.Fprintf(&page, "  %-4s  %-*s  %s\n", r.Verdict, width, r.Title, r.Evidence)
		if r.Remedy != "" {
			fmt.Fprintf(&page, "        %*s  → %s\n", width, "", r.Remedy)
		}
	}
	fmt.Fprintf(&page, "\n%s\n", summary(results))
	_, err := io.WriteString(w, page.String())
	return err
}

// summary counts the verdicts: "1 fail, 2 warn, 14 ok, 3 skip".
func summary(results []Result) string {
	counts := map[Verdict]int{}
	for _, r := range results {
		counts[r.Verdict]++
	}
	var parts []string
	for _, v := range []Verdict{Fail, Warn, OK, Skip} {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	return strings.Join(parts, ", ")
}

// line is one result in JSON. The names are stable.
type line struct {
	ID       string  `json:"id"`
	Group    string  `json:"group"`
	Title    string  `json:"title"`
	Verdict  Verdict `json:"verdict"`
	Evidence string  `json:"evidence"`
	Remedy   string  `json:"remedy,omitempty"`
	TookMS   float64 `json:"tookMs"`
}

// WriteJSON writes the results for scripts: {"failed": …, "results": […]}.
func WriteJSON(w io.Writer, results []Result) error {
	lines := make([]line, len(results))
	for i, r := range results {
		took := float64(r.Took.Round(10*time.Microsecond)) / float64(time.Millisecond)
		lines[i] = line{r.ID, r.Group, r.Title, r.Verdict, r.Evidence, r.Remedy, took}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"failed": Failed(results), "results": lines})
}
