package conformance

import (
	"context"
	"net/http"
	"time"

	"byoe/devtenant"
)

// prompt is how long a refusal may take that needs no look at anything. It is half of what Entra waits for.
const prompt = time.Second

func answerChecks() []check {
	return []check{
		{id: "answer.body", title: "the body is the documented one", needs: anAnswer, run: checkBody},
		{id: "answer.content-type", title: "the content type is application/json", needs: anAnswer, run: checkContentType},
		{id: "answer.refusal", title: "a refusal comes at once", needs: anAnswer, run: checkRefusal},
		{id: "answer.get", title: "a GET sends nothing", run: checkGet},
	}
}

// checkBody looks at the body as if its content type were right, so that each fault has a check of its own.
func checkBody(_ context.Context, r *run) finding {
	wrong := devtenant.Judge(http.StatusOK, "application/json", r.base.answer.Body)
	if wrong.Code != 0 {
		return failed(wrong.Remedy, "Entra would say %s", wrong)
	}
	return passed("as documented, member by member")
}

func checkContentType(_ context.Context, r *run) finding {
	wrong := devtenant.Judge(http.StatusOK, r.base.answer.ContentType, nil)
	if empty := devtenant.Judge(http.StatusOK, "application/json", nil); wrong.Code != empty.Code {
		return failed(wrong.Remedy, "Entra would say %s", wrong)
	}
	return passed("application/json")
}

func checkRefusal(ctx context.Context, r *run) finding {
	body, err := r.event(r.people.next())
	if err != nil {
		return unplayable(err)
	}
	got := r.caller.do(ctx, request{body: body})
	if got.ok() {
		return skipped("The call was not refused; see token.none", "without a token: %s", got)
	}
	if got.status == 0 || got.took > prompt {
		return failed("Look at the token first, and refuse without waiting for anything", "without a token: %s", got)
	}
	return passed("without a token: %s", got)
}

func checkGet(ctx context.Context, r *run) finding {
	who := r.people.next()
	req, err := r.genuine(who)
	if err != nil {
		return unplayable(err)
	}
	req.method = http.MethodGet
	got := r.caller.do(ctx, req)
	const remedy = "Take the event by POST alone"
	switch {
	case got.status == 0 && r.base.silent():
		return skipped("The webhook does not answer the documented event either; see event.documented", "%s", got)
	case len(r.settled(ctx, who.To)) > 0:
		return failed(remedy, "%s, and a mail went out", got)
	case devtenant.Judge(got.status, got.contentType, got.body).Code == 0:
		return failed(remedy, "%s, with the answer of an event", got)
	default:
		return passed("%s", got)
	}
}
