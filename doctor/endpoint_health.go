package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// lookHealth asks the webhook whether it could serve a call now.
func lookHealth(ctx context.Context, w *web, target *url.URL) Result {
	r, err := w.ask(ctx, http.MethodGet, health(target), nil, nil)
	if err != nil {
		return tlsFailure(err)
	}
	if bad := inTheWay(r); bad != nil {
		return *bad
	}
	switch r.status {
	case http.StatusOK:
		return ok("answers GET Health with 200")
	case http.StatusServiceUnavailable:
		return fail("the webhook runs and has no signing keys (503)", "Let the app reach the tenant's metadata: see its log for “signing keys unavailable”")
	case http.StatusUnauthorized, http.StatusForbidden:
		return warn(fmt.Sprintf("GET Health answers %d: a function key or something in front of the app wants to be satisfied first", r.status),
			"See that the function's authLevel is anonymous, or that the endpoint's URL holds the key")
	case http.StatusNotFound:
		return fail("GET Health answers 404: the path does not lead to byoe", "Name the function's whole URL, such as https://<host>/api/EmailOtpSend")
	default:
		return fail(fmt.Sprintf("GET Health answers %d", r.status), "Look at the app's log")
	}
}

const (
	// entraMost is how long Entra waits for an answer at most (its service limits).
	entraMost = 2 * time.Second
	// latencyWarn leaves byoe's default budget of 1.6 s for the provider.
	latencyWarn = 400 * time.Millisecond
	// samples and samplesMost bound the measurement.
	samples     = 10
	samplesMost = 4 * time.Second
)

// lookLatency measures the way from here to the webhook and back, on a warm connection, without a provider in it. Entra's
// own way may be longer or shorter.
func lookLatency(ctx context.Context, w *web, target *url.URL) Result {
	ctx, cancel := context.WithTimeout(ctx, samplesMost)
	defer cancel()
	first, err := w.ask(ctx, http.MethodGet, health(target), nil, nil)
	if err != nil {
		return fail("no answer within "+samplesMost.String(), "Keep an instance warm: Entra waits for 2 seconds at most (1003005)")
	}
	var took []time.Duration
	for range samples {
		r, err := w.ask(ctx, http.MethodGet, health(target), nil, nil)
		if err != nil {
			break
		}
		took = append(took, r.took)
	}
	if len(took) == 0 {
		took = []time.Duration{first.took}
	}
	return judgeLatency(first.took, took)
}

func judgeLatency(first time.Duration, took []time.Duration) Result {
	slices.Sort(took)
	half, ninety, last := percentile(took, 50), percentile(took, 90), took[len(took)-1]
	evidence := fmt.Sprintf("first %s, then p50 %s, p90 %s, max %s of %d", short(first), short(half), short(ninety), short(last), len(took))
	switch {
	case ninety >= entraMost:
		return fail(evidence+": Entra gives up after 2 s (1003005)", "Host the app nearer to its users, and on a plan that keeps an instance warm")
	case ninety >= latencyWarn:
		return warn(evidence+": of Entra's 2 s too little is left for the provider", "Host the app nearer to its users, or give it more CPU")
	case first >= entraMost:
		return warn(evidence+": the first call took longer than Entra waits", "Keep an instance warm: always-ready instances, or the setting Always On")
	default:
		return ok(evidence)
	}
}

// percentile is the nearest rank of sorted values.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[(len(sorted)*p+99)/100-1]
}

func short(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
}
