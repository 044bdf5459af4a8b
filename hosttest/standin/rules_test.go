package standin

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text   string
		strict bool
		want   Level
	}{
		{text: "plain", strict: true, want: Error},
		{text: "Warning: plain", strict: true, want: Warning},
		{text: "forewarned", strict: true, want: Warning},
		{text: "plain", want: Information},
		{text: "an Error", want: Error},
		{text: "FAILED", want: Error},
		{text: "severe", want: Error},
		{text: "Unhandled Exception", want: Error},
		{text: "warning: an error", want: Warning},
	}
	for _, test := range tests {
		if got := classify(test.text, test.strict); got != test.want {
			t.Errorf("classify(%q, %t) = %v, want %v", test.text, test.strict, got, test.want)
		}
	}
}

func TestStreamSplitsLines(t *testing.T) {
	t.Parallel()
	output := &console{}
	stderr := output.stderr(true)
	for _, piece := range []string{"one\ntw", "o\r\n\n", "azfuncjsonlog:{}\n", "LanguageWorkerConsoleLog host\n", "warn at the end"} {
		if n, err := stderr.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	stderr.flush()
	stderr.flush()
	want := []Line{{Error, "one"}, {Error, "two"}, {Information, " host"}, {Warning, "warn at the end"}}
	if got := output.all(); !slices.Equal(got, want) {
		t.Errorf("lines %v, want %v", got, want)
	}
}

func TestAllowance(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string
		minutes []int
		want    []bool
	}{
		{"three at once", []int{0, 0, 0}, []bool{true, true, false}},
		{"three within half an hour of each other", []int{0, 29, 58}, []bool{true, true, false}},
		{"a gap of half an hour is no gap", []int{0, 30, 60}, []bool{true, true, false}},
		{"a longer gap forgets", []int{0, 1, 32, 33, 34}, []bool{true, true, true, true, false}},
	}
	for _, test := range tests {
		var bucket allowance
		for i, minute := range test.minutes {
			if got := bucket.spend(begun.Add(time.Duration(minute) * time.Minute)); got != test.want[i] {
				t.Errorf("%s: error %d: %t", test.name, i+1, got)
			}
		}
	}
}

func TestTimeSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"00:00:30": 30 * time.Second, "01:02:03": time.Hour + 2*time.Minute + 3*time.Second, "-1": 0,
	} {
		if got, err := timeSpan(text); got != want || err != nil {
			t.Errorf("timeSpan(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "30", "00:60:00", "00:00:60", "00:00:-1", "-1:00:00", "00:00:30 ", "00:-1:00", "a:b:c"} {
		if got, err := timeSpan(text); err == nil {
			t.Errorf("timeSpan(%q) = %v, want an error", text, got)
		}
	}
}

func TestMatchWithoutPrefix(t *testing.T) {
	t.Parallel()
	functions := []function{{route: "A"}, {route: "b/C", methods: []string{"put"}}}
	tests := []struct {
		prefix, method, path string
		want                 bool
	}{
		{"", "GET", "/a", true},
		{"", "GET", "/a/", true},
		{"", "GET", "/api/a", false},
		{"x/y", "DELETE", "/X/Y/a", true},
		{"api", "PUT", "/api/B/c", true},
		{"api", "GET", "/api/B/c", false},
		{"api", "GET", "/api/b", false},
	}
	for _, test := range tests {
		request := httptest.NewRequestWithContext(t.Context(), test.method, test.path, http.NoBody)
		if _, got := match(functions, test.prefix, request); got != test.want {
			t.Errorf("%s %s under %q: %t", test.method, test.path, test.prefix, got)
		}
	}
}

func TestNoKeyOpensWhereNoKeyIsSet(t *testing.T) {
	t.Parallel()
	locked := function{locked: true}
	if locked.authorised(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/?code=", http.NoBody), "") {
		t.Error("an empty key opens")
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(""))
	request.Header.Set("X-Functions-Key", "k")
	if !locked.authorised(request, "k") {
		t.Error("the key in the header does not open")
	}
}

func TestFunctionWithMoreThanHTTPIsSpokenToInJSON(t *testing.T) {
	t.Parallel()
	const trigger = `{"type":"httpTrigger","direction":"in","name":"req"}`
	const output = `{"type":"http","direction":"out","name":"res"}`
	tests := map[string]bool{
		trigger + "," + output:                true,
		trigger:                               false,
		trigger + "," + output + "," + output: false,

		trigger + "," + output + `,{"type":"queue"}`:        false,
		trigger + `,{"type":"http","direction":"in"}`:       false,
		trigger + `,{"type":"queue","direction":"out"}`:     false,
		output + "," + trigger:                              true,
		trigger + "," + `{"direction":"out","type":"HTTP"}`: false,
	}
	for bindings, want := range tests {
		parsed, err := parseFunction("F", []byte(`{"bindings":[`+bindings+`]}`))
		if err != nil || parsed.raw != want {
			t.Errorf("%s: raw %t, %v", bindings, parsed.raw, err)
		}
	}
}
