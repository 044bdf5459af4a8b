package devtenant

import (
	"net/http"
	"strings"

	"byoe/config"
	"byoe/devtenant/otp"
)

// signInPage is the form's data.
type signInPage struct {
	Apps                    []App
	Flows, Clients, Locales []choice
	Presets                 []Preset
	Webhook, B2C            string
	// Given is what the form was sent with, where it has to be sent again.
	Given   SignIn
	Problem string
}

// journeyPage is the data of one sign-in.
type journeyPage struct {
	journey

	// Message is what the person reads, in their language.
	Message, Language, Direction string
	// Waits says that a code may be typed.
	Waits bool
	// Newest is the trace of the last call; nil where the engine made no code and none was made.
	Newest  *trace
	Earlier []Call
	Flow    string
}

func (t *Tenant) signInPage(given SignIn, problem string) signInPage {
	return signInPage{
		Apps: t.apps(), Flows: flows(), Clients: clients(), Locales: locales(), Presets: t.journeys.presets,
		Webhook: t.webhook().URL, B2C: t.webhook().B2C, Given: given, Problem: problem,
	}
}

// serveSignIn shows the form.
func (t *Tenant) serveSignIn(w http.ResponseWriter, _ *http.Request) {
	t.pages.render(w, http.StatusOK, pageSignIn, view{Title: "Sign in", Path: "/signin", Data: t.signInPage(SignIn{To: "someone@example.com"}, "")})
}

// beginSignIn takes the form and sends a code.
func (t *Tenant) beginSignIn(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	s, problem := t.signInOf(r)
	if problem == "" {
		j, err := t.begin(r.Context(), r.PostForm.Get("preset"), s)
		if err == nil {
			seeOther(w, r, "/signin/"+j.ID)
			return
		}
		problem = err.Error()
	}
	t.pages.render(w, http.StatusUnprocessableEntity, pageSignIn, view{Title: "Sign in", Path: "/signin", Data: t.signInPage(s, problem)})
}

// signInOf reads the form. What Entra itself would refuse is a problem; what a webhook has to cope with is not.
func (t *Tenant) signInOf(r *http.Request) (s SignIn, problem string) {
	field := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	s = SignIn{
		To: field("to"), RequestType: field("flow"), Locale: orDefault(field("otherlocale"), field("locale")), Market: field("market"),
		AppID: orDefault(field("appid"), field("app")), AppName: field("appname"),
	}
	if field("client") == clientNative {
		s.RequestType = NoRequestType
	}
	if s.AppName == "" {
		for _, app := range t.apps() {
			if strings.EqualFold(app.ID, s.AppID) {
				s.AppName = app.Name
			}
		}
	}
	switch {
	case s.To == "":
		return s, "An address is missing."
	case s.AppID != "" && !config.IsGUID(s.AppID):
		return s, "The application's client id is no GUID."
	default:
		return s, ""
	}
}

// serveJourney shows one sign-in.
func (t *Tenant) serveJourney(w http.ResponseWriter, r *http.Request) {
	j, found := t.journeys.find(r.PathValue("id"))
	if !found {
		t.serveNotFound(w, r)
		return
	}
	t.pages.render(w, http.StatusOK, pageJourney, view{Title: "Sign in", Path: "/signin", Data: t.journeyPage(j)})
}

func (t *Tenant) journeyPage(j journey) journeyPage {
	page := journeyPage{journey: j, Flow: flowWords(j.SignIn.RequestType)}
	for i, id := range j.Calls {
		call, found := t.calls.find(id)
		switch {
		case !found:
		case i == len(j.Calls)-1:
			newest := t.trace(call)
			page.Newest = &newest
		default:
			page.Earlier = append(page.Earlier, call)
		}
	}
	arrived := page.Newest != nil && (page.Newest.Accepted() || page.Newest.Fallback != "")
	page.Waits = !j.Verified() && (arrived || j.Outcome != otp.Generated)
	if arrived || j.Outcome != otp.Generated {
		page.Message, page.Language, page.Direction = t.messages.Message(j.SignIn.Locale, j.Outcome)
	} else if page.Newest != nil && page.Newest.Last().UserMessage != "" { // a B2C policy shows it as it came
		page.Message, page.Language, page.Direction = page.Newest.Last().UserMessage, culture(j.SignIn.Locale), "auto"
	}
	return page
}

func flowWords(requestType string) string {
	if requestType == NoRequestType {
		return "Native authentication"
	}
	for _, flow := range flows() {
		if flow.Value == requestType {
			return flow.Words
		}
	}
	return requestType
}

// onJourney finds the journey of a form and sends the browser back to it after do.
func (t *Tenant) onJourney(do func(r *http.Request, j journey) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !form(w, r) {
			return
		}
		j, found := t.journeys.find(r.PathValue("id"))
		if !found {
			t.serveNotFound(w, r)
			return
		}
		if err := do(r, j); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		seeOther(w, r, "/signin/"+j.ID)
	}
}

// verifyCode takes a typed code. Blanks are taken out: people paste them along.
func (t *Tenant) verifyCode(r *http.Request, j journey) error {
	t.verify(j, strings.Join(strings.Fields(r.PostForm.Get("code")), ""))
	return nil
}

func (t *Tenant) sendAgain(r *http.Request, j journey) error {
	_, err := t.sendNew(r.Context(), j)
	return err
}

func (t *Tenant) letExpire(_ *http.Request, j journey) error {
	t.expire(j)
	return nil
}
