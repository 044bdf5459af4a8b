package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	// skewWarn is what byoe allows between Entra's clock and its own when it looks at a token's dates.
	skewWarn = 30 * time.Second
	// skewFail is far below the 5 minutes at which Azure refuses signed requests, and tokens are refused before that.
	skewFail = 2 * time.Minute
)

// Clock compares this machine's clock with the Date of each server's answer. Two servers seldom err by the same: the nearest
// one counts.
func Clock(servers []string, transport *Transport) Check {
	return Check{ID: "clock", Title: "Clock", Group: "clock", Look: func(ctx context.Context) []Result {
		return []Result{judgeClock(ctx, servers, transport)}
	}}
}

func judgeClock(ctx context.Context, servers []string, transport *Transport) Result {
	w := transport.web()
	defer w.close()
	nearest, witness := time.Duration(0), ""
	for _, server := range servers {
		skew, ok := skewAgainst(ctx, w, server)
		if ok && (witness == "" || skew.Abs() < nearest.Abs()) {
			nearest, witness = skew, hostOf(server)
		}
	}
	const remedy = "Set the machine's clock by NTP: tokens and signed requests are refused by their dates"
	switch {
	case witness == "":
		return skip("no server told its time", "")
	case nearest.Abs() > skewFail:
		return fail(fmt.Sprintf("%s from %s", off(nearest), witness), remedy)
	case nearest.Abs() > skewWarn:
		return warn(fmt.Sprintf("%s from %s", off(nearest), witness), remedy)
	default:
		return ok(fmt.Sprintf("within %v of %s", skewWarn, witness))
	}
}

// off tells a skew: positive where this machine is ahead.
func off(skew time.Duration) string {
	if skew > 0 {
		return fmt.Sprintf("%v ahead", skew.Round(time.Second))
	}
	return fmt.Sprintf("%v behind", -skew.Round(time.Second))
}

// skewAgainst asks a server for its time. The answer's Date has whole seconds and was written about half way; one out of a
// cache is of no use.
func skewAgainst(ctx context.Context, w *web, server string) (time.Duration, bool) {
	r, err := w.ask(ctx, http.MethodHead, server, nil, nil)
	if err != nil || r.header.Get("Age") != "" {
		return 0, false
	}
	date, err := http.ParseTime(r.header.Get("Date"))
	if err != nil {
		return 0, false
	}
	return r.sent.Add(r.took / 2).Sub(date.Add(time.Second / 2)), true
}

// hostOf is all of a URL that may be told: its query may hold a key.
func hostOf(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return "the server"
	}
	return u.Host
}
