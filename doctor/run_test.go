package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/doctor"
)

// check is a check that finds one thing after a while.
func check(id string, verdict doctor.Verdict, takes time.Duration, after ...string) doctor.Check {
	return doctor.Check{ID: id, Title: "Title " + id, Group: "g", After: after, Look: func(ctx context.Context) []doctor.Result {
		select {
		case <-time.After(takes):
			return []doctor.Result{{Verdict: verdict, Evidence: "seen"}}
		case <-ctx.Done():
			return []doctor.Result{{Verdict: doctor.Skip, Evidence: "in its own words"}}
		}
	}}
}

func lines(results []doctor.Result) []string {
	var list []string
	for _, r := range results {
		list = append(list, string(r.Verdict)+" "+r.ID+": "+r.Evidence)
	}
	return list
}

func TestRunKeepsTheOrderAndRunsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		results := doctor.Run(t.Context(), []doctor.Check{check("a", doctor.OK, 3*time.Second), check("b", doctor.Warn, time.Second), check("c", doctor.OK, 2*time.Second)})
		if diff := cmp.Diff([]string{"ok a: seen", "warn b: seen", "ok c: seen"}, lines(results)); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, as if one after the other", took)
		}
		if results[1].Took != time.Second || results[1].Group != "g" || results[1].Title != "Title b" {
			t.Errorf("%+v", results[1])
		}
	})
}

func TestDependencies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waiting := check("waiting", doctor.OK, 0)
		waiting.Awaits = []string{"bad"}
		results := doctor.Run(t.Context(), []doctor.Check{
			check("good", doctor.Warn, time.Second), check("bad", doctor.Fail, time.Second),
			check("on good", doctor.OK, time.Second, "good"), check("on bad", doctor.OK, 0, "good", "bad"), check("on that", doctor.OK, 0, "on bad"),
			waiting, check("on none", doctor.OK, 0, "nobody", "later"), check("later", doctor.OK, 0),
		})
		want := []string{
			"warn good: seen", "fail bad: seen", "ok on good: seen",
			"skip on bad: has no meaning before “Title bad” is in order", "skip on that: has no meaning before “Title on bad” is in order",
			"ok waiting: seen", "ok on none: seen", "ok later: seen",
		}
		if diff := cmp.Diff(want, lines(results)); diff != "" {
			t.Error(diff)
		}
		if results[2].Took != time.Second {
			t.Errorf("the wait counts: %v", results[2].Took)
		}
	})
}

// Fifteen seconds in all, whatever a check does.
func TestRunIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		deaf := func(id string, after ...string) doctor.Check {
			return doctor.Check{ID: id, Title: "Title " + id, Group: "g", After: after, Look: func(context.Context) []doctor.Result {
				<-release
				return nil
			}}
		}
		start := time.Now()
		results := doctor.Run(t.Context(), []doctor.Check{
			deaf("deaf"), check("polite", doctor.OK, time.Hour), check("slow", doctor.OK, 6900*time.Millisecond),
			check("slow too", doctor.OK, 6900*time.Millisecond, "slow"), deaf("deaf at the end", "slow too"), check("never", doctor.OK, 0, "deaf at the end"),
		})
		want := []string{
			"fail deaf: did not end within 7s", "skip polite: in its own words", "ok slow: seen", "ok slow too: seen",
			"skip deaf at the end: did not end within the 15s of the whole run", "skip never: no time was left after “Title deaf at the end”",
		}
		if diff := cmp.Diff(want, lines(results)); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		release := make(chan struct{})
		defer close(release)
		results := doctor.Run(ctx, []doctor.Check{{ID: "a", Look: func(context.Context) []doctor.Result { <-release; return nil }}})
		if diff := cmp.Diff([]string{"skip a: stopped before it ended"}, lines(results)); diff != "" {
			t.Error(diff)
		}
	})
}

// A panic is one finding, and what it carries is not told; silence is no health.
func TestBrokenChecks(t *testing.T) {
	t.Parallel()
	results := doctor.Run(t.Context(), []doctor.Check{
		{ID: "panics", Look: func(context.Context) []doctor.Result { panic("hunter2") }},
		{ID: "silent", Look: func(context.Context) []doctor.Result { return nil }},
		check("healthy", doctor.OK, 0),
	})
	want(t, results[0], doctor.Fail, "broke off (string)", "report it")
	want(t, results[1], doctor.Fail, "without a word", "report it")
	want(t, results[2], doctor.OK, "seen", "")
	if strings.Contains(results[0].Evidence, "hunter2") {
		t.Error("the panic is quoted")
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	other := check("base", doctor.OK, 0)
	other.Group = "other"
	waited := check("waited", doctor.OK, 0)
	waited.Group = "other"
	rest := check("rest", doctor.OK, 0)
	rest.Group = "other"
	mine := check("mine", doctor.OK, 0, "base")
	mine.Awaits = []string{"waited"}
	var ids []string
	checks := []doctor.Check{other, waited, rest, mine}
	for _, c := range doctor.Only(checks, "g") {
		ids = append(ids, c.ID)
	}
	if diff := cmp.Diff([]string{"base", "waited", "mine"}, ids); diff != "" {
		t.Error(diff)
	}
	if got := doctor.Groups(checks); !slices.Equal(got, []string{"other", "g"}) {
		t.Error(got)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	results := []doctor.Result{
		{ID: "a", Title: "Short", Group: "first", Verdict: doctor.OK, Evidence: "fine", Took: 1500 * time.Microsecond},
		{ID: "b", Title: "A longer tïtle", Group: "first", Verdict: doctor.Fail, Evidence: "broken <b>", Remedy: "Mend it"},
		{ID: "c", Title: "Third", Group: "second", Verdict: doctor.Skip, Evidence: "not asked"},
	}
	var page bytes.Buffer
	if err := doctor.WriteText(&page, results); err != nil {
		t.Fatal(err)
	}
	text := "first\n" +
		"  ok    Short           fine\n" +
		"  fail  A longer tïtle  broken <b>\n" +
		"                        → Mend it\n" +
		"second\n" +
		"  skip  Third           not asked\n" +
		"\n1 fail, 1 ok, 1 skip\n"
	if diff := cmp.Diff(text, page.String()); diff != "" {
		t.Error(diff)
	}
	page.Reset()
	if err := doctor.WriteJSON(&page, results); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(page.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	document := map[string]any{"failed": true, "results": []any{
		map[string]any{"id": "a", "group": "first", "title": "Short", "verdict": "ok", "evidence": "fine", "tookMs": 1.5},
		map[string]any{"id": "b", "group": "first", "title": "A longer tïtle", "verdict": "fail", "evidence": "broken <b>", "remedy": "Mend it", "tookMs": 0.0},
		map[string]any{"id": "c", "group": "second", "title": "Third", "verdict": "skip", "evidence": "not asked", "tookMs": 0.0},
	}}
	if diff := cmp.Diff(document, got); diff != "" {
		t.Error(diff)
	}
}
