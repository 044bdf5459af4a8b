package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/bench/load"
	"byoe/bench/process"
	"byoe/bench/standin"
)

func TestGoals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		goal    goal
		reached bool
		ratio   float64
	}{
		{goal{Got: 4, Reach: 5}, true, 0.8},
		{goal{Got: 5, Reach: 5}, true, 1},
		{goal{Got: 6, Reach: 5}, false, 1.2},
		{goal{Got: 2, Reach: 2.5, AtLeast: true}, false, 0.8},
		{goal{Got: 2.5, Reach: 2.5, AtLeast: true}, true, 1},
	} {
		if tt.goal.reached() != tt.reached || tt.goal.ratio() != tt.ratio {
			t.Errorf("%+v: %v, %v", tt.goal, tt.goal.reached(), tt.goal.ratio())
		}
	}
	// None is wanted, and none came.
	if none := (goal{Got: 0, Reach: 0}); !none.reached() || none.ratio() != 1 {
		t.Errorf("none of none: %v, %v", none.reached(), none.ratio())
	}
}

func TestGoalsTable(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	err := goalsTable([]goal{
		{What: "time", Got: 0.5, Reach: 1, Unit: "ms"},
		{What: "throughput", Got: 2, Reach: 2.2, Unit: "x", AtLeast: true},
	}).write(&text)
	want := "what        measured  to reach   ratio\n" +
		"time        0.50 ms   <= 1 ms    0.50   reached\n" +
		"throughput  2 x       >= 2.20 x  0.91   MISSED\n"
	if got := text.String(); err != nil || strings.ReplaceAll(got, "ratio  \n", "ratio\n") != want {
		t.Errorf("%v, got\n%s", err, got)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{0: "0", 2: "2", 0.123: "0.12", 9.876: "9.88", 12.34: "12.3", 123.4: "123", 2048: "2048"} {
		if got := number(f); got != want {
			t.Errorf("%v is %q, want %q", f, got, want)
		}
	}
}

func TestAddedIsWhatTheProviderDidNotTake(t *testing.T) {
	t.Parallel()
	trial := trial{first: 100, Result: &load.Result{Latencies: []time.Duration{10, 20, -1, 40}}}
	taken := []standin.Mail{{Number: 101, Own: 5}, {Number: 100, Own: 9}, {Number: 102, Own: 1}}
	got := trial.added(taken)
	// The third had no answer, and of the fourth nobody has seen a mail: a 200 for it would be a lie.
	want := []time.Duration{1, 15, -1, -1}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("added are %v, want %v", got, want)
			break
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	of := func(calls int, cpu time.Duration) trial {
		return trial{Result: &load.Result{Latencies: make([]time.Duration, calls)}, Usage: process.Usage{CPU: cpu}}
	}
	all := turns{
		{bare: of(10, 1000), byoe: of(10, 3000)}, {bare: of(10, 9000), byoe: of(10, 9000)}, {bare: of(10, 2000), byoe: of(10, 4000)},
	}
	if got := all.middle(func(t turn) time.Duration { return t.bare.perCall() }); got != 200 {
		t.Errorf("the middle is %v", got)
	}
	if got := all.ratios(); got != "3.00 1.00 2.00" {
		t.Errorf("the ratios are %q", got)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	o, err := parse([]string{"-short", "-only", "load,limit"}, []string{"X=1", "BYOE_NODE_MODULES=/modules"}, &stderr)
	if err != nil || !o.short || !o.wants("load") || o.wants("memory") || o.node != "/modules" {
		t.Errorf("%+v, %v", o, err)
	}
	all, err := parse(nil, nil, &stderr)
	if err != nil || !all.wants("memory") || all.wants(profiles) || all.node != "" {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := parse([]string{"-only", "speed"}, nil, &stderr); err == nil {
		t.Error("a section that is none was taken")
	}
}

func TestListeningLine(t *testing.T) {
	t.Parallel()
	if got := listeningLine([]byte("listening 127.0.0.1:80")); got != "127.0.0.1:80" {
		t.Errorf("got %q", got)
	}
	if got := listeningLine([]byte("warming up")); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestStagesTable(t *testing.T) {
	t.Parallel()
	said := "goos: linux\npkg: byoe/auth\ncpu: some\nBenchmarkVerify-2   \t    1756\t    566833 ns/op\t    7671 B/op\t      54 allocs/op\n" +
		"PASS\nok  \tbyoe/auth\t0.2s\npkg: byoe/event\nBenchmarkDecode-2\t2983\t50877 ns/op\t1710 B/op\t43 allocs/op\nPASS\n"
	got := stagesTable([]byte(said)).Rows
	want := [][]string{{"byoe/auth", "Verify-2", "566833", "7671", "54"}, {"byoe/event", "Decode-2", "50877", "1710", "43"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
