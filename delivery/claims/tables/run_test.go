package tables_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery/claims/tables"
)

// runFor runs the store for a while, in the bubble's time.
func runFor(t *testing.T, s *tables.Store, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	s.Run(ctx)
}

func TestRunGoesOnWhileTheServiceIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked []time.Time
		s := openService(t, func(*http.Request) (*http.Response, error) {
			asked = append(asked, time.Now())
			return nil, errDown
		})
		runFor(t, s, 30*time.Minute)
		if n := len(asked); n < 15 || n > 30 {
			t.Errorf("asked %d times in half an hour", n)
		}
		if first := asked[1].Sub(asked[0]); first > 2*time.Second {
			t.Errorf("the second try comes after %v", first)
		}
	})
}

func TestRunSweepsRegularlyAndStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var listed int
		var filter string
		s := openService(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Has("$filter") {
				listed++
				filter = r.URL.Query().Get("$filter")
				return answer(r, 200, `{"value":[]}`, "Content-Type", "application/json"), nil
			}
			a := refusal(r, 404, "ResourceNotFound")
			a.Header.Set("Date", after)
			return a, nil
		})
		runFor(t, s, time.Hour)
		if least, most := 20, 45; listed < least || listed > most {
			t.Errorf("swept %d times in an hour, want %d to %d", listed, least, most)
		}
		if filter == "" || !strings.HasPrefix(filter, "Timestamp lt datetime'20") {
			t.Errorf("listed where %s", filter)
		}
	})
}

func TestRunCreatesOnlyAMissingTable(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{"TableNotFound": 1, "ResourceNotFound": 0, "AccountBeingCreated": 0} {
		synctest.Test(t, func(t *testing.T) {
			created := 0
			s := openService(t, func(r *http.Request) (*http.Response, error) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/Tables"):
					created++
					return refusal(r, 409, "TableAlreadyExists"), nil // another instance was quicker
				case r.URL.Query().Has("$filter"):
					return answer(r, 200, `{"value":[]}`, "Content-Type", "application/json"), nil
				default:
					return refusal(r, 404, code), nil
				}
			})
			runFor(t, s, time.Second/2)
			if created != want {
				t.Errorf("%s: %d times created, want %d", code, created, want)
			}
		})
	}
}

func TestSweepIsBounded(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	listed, deleted := 0, 0
	s := openService(t, func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodDelete {
			deleted++
			return answer(r, 204, ""), nil
		}
		listed++
		row := fmt.Sprintf(`{"odata.etag":"W/\"1\"","PartitionKey":"0","RowKey":"%032x","Timestamp":"2026-11-23T10:00:00Z","KeepMillis":1000}`, listed)
		return answer(r, 200, `{"value":[`+row+`,{"RowKey":"not ours"}]}`, "Content-Type", "application/json",
			"x-ms-continuation-NextPartitionKey", "1", "x-ms-continuation-NextRowKey", "1"), nil
	})
	now := time.Date(2026, 11, 23, 10, 5, 0, 0, time.UTC)
	if err := s.SweepAt(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if listed != tables.SweepPages || deleted != tables.SweepPages {
		t.Errorf("%d pages were listed and %d rows deleted, want %d", listed, deleted, tables.SweepPages)
	}
}

// TestSweepLeavesWhatHasJustExpired: who acquires a claim whose owner died is told so for a minute.
func TestSweepLeavesWhatHasJustExpired(t *testing.T) {
	t.Parallel()
	deleted := 0
	s := openService(t, func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodDelete {
			deleted++
			return answer(r, 204, ""), nil
		}
		row := `{"odata.etag":"W/\"1\"","PartitionKey":"0","RowKey":"00","Timestamp":"2026-11-23T10:00:00Z","KeepMillis":120000}`
		return answer(r, 200, `{"value":[`+row+`]}`, "Content-Type", "application/json"), nil
	})
	for _, step := range []struct {
		age  time.Duration
		want int
	}{{119 * time.Second, 0}, {179 * time.Second, 0}, {181 * time.Second, 1}} {
		if err := s.SweepAt(t.Context(), time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC).Add(step.age)); err != nil {
			t.Fatal(err)
		}
		if deleted != step.want {
			t.Errorf("after %v %d rows are deleted, want %d", step.age, deleted, step.want)
		}
	}
}

func TestSweepThatFailsSaysSo(t *testing.T) {
	t.Parallel()
	s := openService(t, func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodDelete {
			return refusal(r, 503, "ServerBusy"), nil
		}
		row := `{"odata.etag":"W/\"1\"","PartitionKey":"0","RowKey":"00","Timestamp":"2026-11-23T10:00:00Z","KeepMillis":1000}`
		return answer(r, 200, `{"value":[`+row+`]}`, "Content-Type", "application/json"), nil
	})
	err := s.SweepAt(t.Context(), time.Date(2026, 11, 23, 10, 5, 0, 0, time.UTC))
	if err == nil || err.Error() != "table storage: delete: 503 ServerBusy" {
		t.Errorf("the sweep gave %v", err)
	}
}

// TestSweepWithoutTheTimeDoesNothing: an instance that knows no time must not guess what has expired.
func TestSweepWithoutTheTimeDoesNothing(t *testing.T) {
	t.Parallel()
	s := openService(t, func(r *http.Request) (*http.Response, error) {
		t.Errorf("it asked: %s %s", r.Method, r.URL.Path)
		return nil, errDown
	})
	if err := s.SweepAt(t.Context(), time.Time{}); err != nil {
		t.Error(err)
	}
}
