package entra

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"byoe/entra/graph"
)

// Expect is what the webhook relies on. What is empty is not compared.
type Expect struct {
	// TenantID, Audience and CallerAppID are the webhook's settings.
	TenantID, Audience, CallerAppID string
	// Endpoint is the webhook's URL.
	Endpoint string
	// AcceptV1 is ENTRA_ACCEPT_V1.
	AcceptV1 bool
	// Budget is DELIVERY_BUDGET.
	Budget time.Duration
	// AllowedApps and AllowedExtensions are the allow-lists.
	AllowedApps, AllowedExtensions []string
}

// Verdict is how a finding is to be taken.
type Verdict string

// The verdicts.
const (
	OK   Verdict = "ok"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
	// Skip says that something before it has to be mended first.
	Skip Verdict = "skip"
)

// Finding is one cause of failing sign-ins, looked at.
type Finding struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Verdict Verdict `json:"verdict"`
	// Evidence is what was seen.
	Evidence string `json:"evidence,omitempty"`
	// Remedy is what to do; "" where the verdict is ok.
	Remedy string `json:"remedy,omitempty"`
	// Codes are Entra's that the cause shows as, see [Explain].
	Codes []string `json:"codes,omitempty"`
}

const remedyApply = "byoe setup apply mends it"

// Diagnose looks for each cause of a failing sign-in that can be seen in the wiring. It makes no request. Every cause has its
// finding, also where all is well, in the order in which they are best mended.
func Diagnose(w Wiring, want Expect) []Finding {
	d := &diagnosis{w: w, want: want}
	for _, look := range []func(){
		d.tenant, d.kind, d.cloud, d.caller, d.graphPrincipal, d.extension, d.target, d.endpoint, d.resourceID, d.host, d.application,
		d.identifierURI, d.audience, d.tokenVersion, d.principal, d.consent, d.validation, d.listener, d.scope, d.conflict, d.orphans,
		d.timeout, d.retries, d.fallback, d.allowed,
	} {
		look()
	}
	return d.findings
}

type diagnosis struct {
	w        Wiring
	want     Expect
	findings []Finding
}

// say adds a finding: ok where nothing is wrong.
func (d *diagnosis) say(id, title string, codes []string, wrong Verdict, evidence, remedy string) {
	f := Finding{ID: id, Title: title, Verdict: wrong, Evidence: evidence, Remedy: remedy, Codes: codes}
	if wrong == OK {
		f.Remedy = ""
	}
	d.findings = append(d.findings, f)
}

// needs says that a finding cannot be had.
func (d *diagnosis) needs(id, title, what string, codes ...string) {
	d.say(id, title, codes, Skip, "there is no "+what, "Mend that first")
}

func failIf(wrong bool) Verdict {
	if wrong {
		return Fail
	}
	return OK
}

func warnIf(wrong bool) Verdict {
	if wrong {
		return Warn
	}
	return OK
}

func (d *diagnosis) tenant() {
	wrong := d.want.TenantID != "" && !strings.EqualFold(d.w.Tenant.ID, d.want.TenantID)
	d.say("tenant", "the tenant is the webhook's", []string{"1003002"}, failIf(wrong),
		fmt.Sprintf("%s (%s)", d.w.Tenant.ID, d.w.Tenant.DisplayName), "Sign in to the tenant of ENTRA_TENANT_ID, or set that to this one")
}

func (d *diagnosis) kind() {
	d.say("tenant-type", "the tenant is an external one", nil, failIf(!d.w.Tenant.IsExternal()), kindOf(d.w.Tenant),
		"The EmailOtpSend event fires in external tenants only: use the one where the customers are")
}

func (d *diagnosis) cloud() {
	d.say("cloud", "the cloud has the event", nil, failIf(d.w.Cloud == graph.USGovernment().Name), d.w.Cloud,
		"The EmailOtpSend event exists in the public cloud only")
}

func (d *diagnosis) caller() {
	d.servicePrincipal("caller", "Entra's caller has a service principal", d.w.Caller, []string{"1003017", "1003018", codeB2C}, remedyApply)
}

func (d *diagnosis) graphPrincipal() {
	d.servicePrincipal("graph", "Microsoft Graph has a service principal", d.w.Graph, []string{"1003022"},
		"Enable or restore Microsoft Graph among the enterprise applications")
}

func (d *diagnosis) servicePrincipal(id, title string, p *Principal, codes []string, remedy string) {
	switch {
	case p == nil:
		d.say(id, title, codes, Fail, "there is none", remedy)
	case p.Disabled():
		d.say(id, title, codes, Fail, p.ID+" is disabled", remedy)
	default:
		d.say(id, title, codes, OK, p.ID, "")
	}
}

func (d *diagnosis) extension() {
	const id, title = "extension", "there is an extension"
	if d.w.Extension == nil {
		d.say(id, title, []string{"1003011"}, Fail, d.w.extensionList(), "byoe setup apply makes one; byoe setup adopt takes over one that is there")
		return
	}
	d.say(id, title, []string{"1003011"}, OK, fmt.Sprintf("%s (%q), found %s", d.w.Extension.ID, d.w.Extension.DisplayName, d.w.Found[ResourceExtension]), "")
}

func (d *diagnosis) target() {
	const id, title = "target-url", "the target URL is a valid https URL"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", "1003020")
		return
	}
	fault := endpointFault(d.w.Extension.Endpoint.URL)
	evidence := WithoutQuery(d.w.Extension.Endpoint.URL)
	if fault != "" {
		evidence += ": " + fault
	}
	d.say(id, title, []string{"1003020", "1003027"}, failIf(fault != ""), evidence, remedyApply)
}

func (d *diagnosis) endpoint() {
	const id, title = "endpoint", "the target URL is the webhook's"
	if d.w.Extension == nil || d.want.Endpoint == "" {
		d.needs(id, title, "extension, or no endpoint given")
		return
	}
	have, want := d.w.Extension.Endpoint.URL, d.want.Endpoint
	d.say(id, title, []string{"1003003", "1003006", "1003027"}, failIf(!sameTarget(have, want)), WithoutQuery(have)+", expected "+WithoutQuery(want),
		"byoe setup apply moves it")
}

func (d *diagnosis) resourceID() {
	const id, title = "resource-id", "the resource id is api://{host}/{client id}"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", "1003014")
		return
	}
	_, _, ok := splitURI(d.w.Extension.Authentication.ResourceID)
	d.say(id, title, []string{"1003014"}, failIf(!ok), d.w.Extension.Authentication.ResourceID, remedyApply)
}

func (d *diagnosis) host() {
	const id, title = "host", "the target URL and the resource id have the same host"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", "1003015")
		return
	}
	host, _, _ := splitURI(d.w.Extension.Authentication.ResourceID)
	target := hostOf(d.w.Extension.Endpoint.URL)
	d.say(id, title, []string{"1003015"}, failIf(host != target), target+" and "+host, remedyApply)
}

func (d *diagnosis) application() {
	const id, title = "application", "the app registration of the resource id is in the tenant"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", "1003016")
		return
	}
	named := d.w.Extension.appID()
	switch a := d.w.Application; {
	case a == nil:
		d.say(id, title, []string{"1003016"}, Fail, "there is none with the client id "+named, remedyApply)
	case !strings.EqualFold(a.AppID, named):
		d.say(id, title, []string{"1003016"}, Fail, fmt.Sprintf("the resource id names %s, the webhook's is %s", named, a.AppID), remedyApply)
	default:
		d.say(id, title, []string{"1003016"}, OK, fmt.Sprintf("%s (%q)", a.AppID, a.DisplayName), "")
	}
}

func (d *diagnosis) identifierURI() {
	const id, title = "identifier-uri", "the app registration has the resource id among its identifier URIs"
	if d.w.Extension == nil || d.w.Application == nil {
		d.needs(id, title, "extension or app registration", "1003014")
		return
	}
	d.say(id, title, []string{"1003014"}, failIf(!d.w.Application.hasURI(d.w.Extension.Authentication.ResourceID)),
		strings.Join(d.w.Application.IdentifierURIs, ", "), remedyApply)
}

func (d *diagnosis) audience() {
	const id, title = "audience", "ENTRA_AUDIENCE is the app registration's client id"
	if d.w.Extension == nil || d.want.Audience == "" {
		d.needs(id, title, "extension, or ENTRA_AUDIENCE is not known here", "1003002")
		return
	}
	audience := strings.ToLower(d.want.Audience)
	if _, appID, ok := splitURI(audience); ok {
		audience = appID
	}
	audience = strings.TrimPrefix(audience, "api://")
	d.say(id, title, []string{"1003002", "1003005", codeLogin}, failIf(audience != d.w.Extension.appID()),
		fmt.Sprintf("%s, tokens are made for %s", audience, d.w.Extension.appID()), "Set ENTRA_AUDIENCE to "+d.w.Extension.appID())
}

func (d *diagnosis) tokenVersion() {
	const id, title = "token-version", "the app registration wants v2 tokens"
	if d.w.Application == nil {
		d.needs(id, title, "app registration", "1003002")
		return
	}
	version := d.w.Application.tokenVersion()
	d.say(id, title, []string{"1003002", "1003005"}, failIf(version != 2 && !d.want.AcceptV1), fmt.Sprintf("v%d", version),
		"byoe setup apply sets it; ENTRA_ACCEPT_V1 would take v1 tokens meanwhile")
}

func (d *diagnosis) principal() {
	const id, title = "principal", "the app registration has a service principal"
	if d.w.Application == nil {
		d.needs(id, title, "app registration", "1003016", "1003019")
		return
	}
	d.servicePrincipal(id, title, d.w.Principal, []string{"1003016", "1003019"}, remedyApply)
}

func (d *diagnosis) consent() {
	const id, title = "consent", "an administrator has consented to CustomAuthenticationExtension.Receive.Payload"
	if d.w.Principal == nil {
		d.needs(id, title, "service principal", "1003021")
		return
	}
	evidence := "granted"
	if d.w.Consent == nil {
		evidence = "not granted"
	}
	d.say(id, title, []string{"1003021"}, failIf(d.w.Consent == nil), evidence, remedyApply)
}

func (d *diagnosis) validation() {
	const id, title = "validation", "Graph finds nothing wrong with the extension"
	if d.w.Validation == nil {
		d.needs(id, title, "extension")
		return
	}
	var codes, said []string
	for _, c := range d.w.Validation.all() {
		said = append(said, c.Code+": "+c.Message)
		if e, known := Explain(c.Code); known {
			codes = append(codes, e.Code)
		}
	}
	d.say(id, title, codes, failIf(len(said) > 0), strings.Join(said, "; "), "byoe doctor explain tells what each code means; "+remedyApply)
}

func (d *diagnosis) listener() {
	const id, title = "listener", "a listener calls the extension"
	if d.w.Extension == nil {
		d.needs(id, title, "extension")
		return
	}
	listeners := d.w.ListenersOf(d.w.Extension.ID)
	switch len(listeners) {
	case 0:
		d.say(id, title, nil, Fail, "none: Microsoft sends the codes", "byoe setup on makes it")
	case 1:
		d.say(id, title, nil, OK, listeners[0].ID, "")
	default:
		d.say(id, title, nil, Warn, fmt.Sprintf("%d listeners", len(listeners)), "Delete all but one: byoe setup off, then byoe setup on")
	}
}

func (d *diagnosis) scope() {
	const id, title = "scope", "the listener names applications"
	l := d.w.Listener
	if l == nil {
		d.needs(id, title, "listener")
		return
	}
	none := !l.Conditions.Applications.All && len(l.apps()) == 0
	d.say(id, title, nil, failIf(none), l.words()[propApps], "byoe setup apply --app or --all-apps says which")
}

// conflict looks for two listeners that a sign-in can meet: which of them counts is then a matter of their priorities.
func (d *diagnosis) conflict() {
	const id, title = "listener-conflict", "no other listener has the same applications"
	l := d.w.Listener
	if l == nil {
		d.needs(id, title, "listener")
		return
	}
	verdict := OK
	var seen []string
	for _, other := range d.w.Listeners {
		if other.ID == l.ID || !other.overlaps(l.Conditions.Applications.All, l.apps()) {
			continue
		}
		seen = append(seen, fmt.Sprintf("%s with priority %s, ours %s", other.ID, words(other.Priority), words(l.Priority)))
		switch {
		case other.Priority == nil || l.Priority == nil || *other.Priority >= *l.Priority:
			verdict = Fail
		case verdict == OK:
			verdict = Warn
		}
	}
	d.say(id, title, []string{"1003011"}, verdict, strings.Join(seen, "; "), "Give ours a higher --priority, other applications, or delete the other one")
}

// orphans looks for listeners whose extension is gone: a sign-in that meets one fails.
func (d *diagnosis) orphans() {
	var seen []string
	for _, l := range d.w.Listeners {
		if d.w.extension(l.Handler.Extension.ID) == nil {
			seen = append(seen, fmt.Sprintf("%s calls %s for %s", l.ID, l.Handler.Extension.ID, l.words()[propApps]))
		}
	}
	d.say("listener-orphan", "every listener's extension is there", []string{"1003011"}, failIf(len(seen) > 0), strings.Join(seen, "; "),
		"Delete the listener: Microsoft then sends the codes of its applications")
}

func (d *diagnosis) timeout() {
	const id, title = "time-out", "Entra waits for as long as it can"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", "1003005")
		return
	}
	waits := time.Duration(d.w.Timeout()) * time.Millisecond
	verdict := warnIf(d.w.Timeout() < MostTimeout)
	if d.want.Budget > waits {
		verdict = Fail
	}
	evidence := waits.String()
	if d.want.Budget > 0 {
		evidence += ", DELIVERY_BUDGET is " + d.want.Budget.String()
	}
	d.say(id, title, []string{"1003005"}, verdict, evidence, "byoe setup apply sets 2,000 ms; otherwise set DELIVERY_BUDGET some 300 ms below it")
}

func (d *diagnosis) retries() {
	const id, title = "retries", "Entra calls again after its time-out"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", "1003005")
		return
	}
	n := retriesOf(d.w)
	d.say(id, title, []string{"1003005"}, warnIf(n == nil || *n < 1), words(n), remedyApply)
}

func retriesOf(w Wiring) *int {
	if w.Listener != nil && w.Listener.Handler.Overrides != nil {
		if c := w.Listener.Handler.Overrides.Client; c != nil && c.Retries != nil {
			return c.Retries
		}
	}
	if w.Extension.Client != nil {
		return w.Extension.Client.Retries
	}
	return nil
}

func (d *diagnosis) fallback() {
	const id, title = "fallback", "Microsoft mails the code where the webhook fails"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", codeLogin)
		return
	}
	evidence := "the extension says: " + wordsOfOnError(d.w.Extension.OnError)
	if d.w.Listener != nil {
		evidence += "; the listener's own values: " + d.w.Listener.Handler.Overrides.words()
	}
	d.say(id, title, []string{codeLogin}, warnIf(!d.w.FallsBack()), evidence, "byoe setup apply switches it on; without it a person gets no code at all")
}

// allowed compares the webhook's allow-lists: what they leave out is answered 403.
func (d *diagnosis) allowed() {
	const id, title = "allow-lists", "ENTRA_ALLOWED_APPS and ENTRA_ALLOWED_EXTENSIONS let the events in"
	if d.w.Extension == nil {
		d.needs(id, title, "extension", "1003002")
		return
	}
	var out []string
	if len(d.want.AllowedExtensions) > 0 && !containsFold(d.want.AllowedExtensions, d.w.Extension.ID) {
		out = append(out, "the extension "+d.w.Extension.ID)
	}
	if d.w.Listener != nil && len(d.want.AllowedApps) > 0 {
		for _, app := range d.w.Listener.apps() {
			if !containsFold(d.want.AllowedApps, app) {
				out = append(out, "the application "+app)
			}
		}
	}
	evidence := ""
	if len(out) > 0 {
		evidence = "left out: " + strings.Join(out, ", ")
	}
	d.say(id, title, []string{"1003002"}, failIf(len(out) > 0), evidence, "Add it to the setting")
}

func containsFold(list []string, one string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, one) })
}
