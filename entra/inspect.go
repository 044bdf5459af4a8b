package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"byoe/entra/graph"
)

// Sought says which set-up of a tenant is meant. What is empty is not gone by.
type Sought struct {
	// CallerAppID is the application as which Entra calls; empty means [CallerAppID].
	CallerAppID string
	// ExtensionID, ListenerID and ApplicationID are ids out of a record; AppID is the webhook's audience.
	ExtensionID, ListenerID, ApplicationID, AppID string
	// Name is that of the things that bear our mark.
	Name string
	// Endpoint is the webhook's URL.
	Endpoint string
	// Brief reads the tenant, the extensions and the listeners only: in an emergency nothing else should be able to fail.
	Brief bool
}

// Inspect reads everything back. It changes nothing. It needs Organization.Read.All (for a person User.Read),
// Application.Read.All, CustomAuthenticationExtension.Read.All and EventListener.Read.All.
func Inspect(ctx context.Context, client *graph.Client, s Sought) (Wiring, error) {
	w := Wiring{Cloud: client.Cloud().Name, Found: map[Resource]How{}}
	in := inspection{client: client, sought: s, w: &w}
	for _, read := range []struct {
		what  string
		read  func(ctx context.Context) error
		brief bool
	}{
		{"the tenant", in.tenant, true},
		{"the caller's and Graph's service principals", in.principals, false},
		{"the custom authentication extensions", in.extensions, true},
		{"the event listeners", in.listeners, true},
		{"the app registration", in.application, false},
		{"the app registration's service principal and consent", in.consent, false},
		{"Graph's own validation", in.validation, false},
	} {
		if s.Brief && !read.brief {
			continue
		}
		if err := read.read(ctx); err != nil {
			return Wiring{}, failed("cannot read "+read.what, err)
		}
	}
	return w, nil
}

type inspection struct {
	client *graph.Client
	sought Sought
	w      *Wiring
}

func (in *inspection) tenant(ctx context.Context) (err error) {
	in.w.Tenant, err = in.client.Directory(ctx)
	return err
}

func (in *inspection) principals(ctx context.Context) (err error) {
	caller := in.sought.CallerAppID
	if caller == "" {
		caller = CallerAppID
	}
	if in.w.Caller, err = findPrincipal(ctx, in.client, caller); err != nil {
		return err
	}
	in.w.Graph, err = findPrincipal(ctx, in.client, graphAppID)
	return err
}

func (in *inspection) extensions(ctx context.Context) error {
	all, err := graph.All[Extension](ctx, in.client, graph.V1, pathExtensions)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.isOurs() {
			in.w.Extensions = append(in.w.Extensions, e)
		} else {
			in.w.Others++
		}
	}
	in.pickExtension()
	return nil
}

// pickExtension takes the surest sign first. A target URL alone is the last: it may be somebody else's work, which is then
// not touched but has to be known.
func (in *inspection) pickExtension() {
	s := in.sought
	signs := []struct {
		how How
		is  func(e *Extension) bool
	}{
		{ByRecord, func(e *Extension) bool { return strings.EqualFold(e.ID, s.ExtensionID) }},
		{ByMark, func(e *Extension) bool { return e.marked() && e.DisplayName == s.Name }},
		{ByReference, func(e *Extension) bool { return s.AppID != "" && strings.EqualFold(e.appID(), s.AppID) }},
		{ByTarget, func(e *Extension) bool { return s.Endpoint != "" && sameTarget(e.Endpoint.URL, s.Endpoint) }},
	}
	for _, sign := range signs {
		for i := range in.w.Extensions {
			if sign.is(&in.w.Extensions[i]) {
				in.w.Extension, in.w.Found[ResourceExtension] = &in.w.Extensions[i], sign.how
				return
			}
		}
	}
}

// listeners are read in beta: v1.0 tells neither the priority nor whether all applications are meant.
func (in *inspection) listeners(ctx context.Context) error {
	all, err := graph.All[Listener](ctx, in.client, graph.Beta, pathListeners)
	if err != nil {
		return err
	}
	for _, l := range all {
		if sameType(l.Type, typeListener) {
			in.w.Listeners = append(in.w.Listeners, l)
		}
	}
	if l := in.w.listener(in.sought.ListenerID); l != nil {
		in.w.Listener, in.w.Found[ResourceListener] = l, ByRecord
		return nil
	}
	if in.w.Extension == nil {
		return nil
	}
	for i, l := range in.w.Listeners {
		if strings.EqualFold(l.Handler.Extension.ID, in.w.Extension.ID) {
			in.w.Listener, in.w.Found[ResourceListener] = &in.w.Listeners[i], ByReference
			return nil
		}
	}
	return nil
}

func (in *inspection) application(ctx context.Context) error {
	app, how, err := in.findApplication(ctx)
	if err != nil || app == nil {
		return err
	}
	in.w.Application, in.w.Found[ResourceApplication] = app, how
	return nil
}

func (in *inspection) findApplication(ctx context.Context) (*Application, How, error) {
	if id := in.sought.ApplicationID; id != "" {
		if app, err := get[Application](ctx, in.client, pathApplications+"/"+url.PathEscape(id)); app != nil || err != nil {
			return app, ByRecord, err
		}
	}
	references := []string{in.sought.AppID}
	if in.w.Extension != nil {
		references = append(references, in.w.Extension.appID())
	}
	for _, appID := range references {
		if appID == "" {
			continue
		}
		app, err := get[Application](ctx, in.client, pathApplications+"(appId="+graph.Literal(appID)+")")
		if app != nil || err != nil {
			return app, ByReference, err
		}
	}
	if in.sought.Name == "" {
		return nil, "", nil
	}
	marked, err := markedApplications(ctx, in.client, in.sought.Name)
	if err != nil || len(marked) == 0 {
		return nil, "", err
	}
	for _, twin := range marked[1:] {
		in.w.Twins = append(in.w.Twins, twin.AppID)
	}
	return &marked[0], ByMark, nil
}

func (in *inspection) consent(ctx context.Context) (err error) {
	if in.w.Application == nil {
		return nil
	}
	if in.w.Principal, err = findPrincipal(ctx, in.client, in.w.Application.AppID); err != nil || in.w.Principal == nil || in.w.Graph == nil {
		return err
	}
	in.w.Consent, err = findConsent(ctx, in.client, in.w.Principal.ID, in.w.Graph.ID)
	return err
}

func (in *inspection) validation(ctx context.Context) error {
	if in.w.Extension == nil {
		return nil
	}
	path := pathExtensions + "/" + url.PathEscape(in.w.Extension.ID) + "/validateAuthenticationConfiguration"
	var v Validation
	err := in.client.Ask(ctx, graph.V1, path, nil, &v)
	if graph.IsNotFound(err) { // a replica that has not heard of it yet
		return nil
	}
	if err == nil {
		in.w.Validation = &v
	}
	return err
}

// The collections.
const (
	pathApplications = "/applications"
	pathPrincipals   = "/servicePrincipals"
	pathExtensions   = "/identity/customAuthenticationExtensions"
	pathListeners    = "/identity/authenticationEventListeners"
)

// get reads one thing; nil where it is not there.
func get[T any](ctx context.Context, client *graph.Client, path string) (*T, error) {
	var out T
	err := client.Do(ctx, http.MethodGet, graph.V1, path, nil, &out)
	if graph.IsNotFound(err) {
		return nil, nil //nolint:nilnil // that it is not there is an answer
	}
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func findPrincipal(ctx context.Context, client *graph.Client, appID string) (*Principal, error) {
	return get[Principal](ctx, client, pathPrincipals+"(appId="+graph.Literal(appID)+")")
}

func findConsent(ctx context.Context, client *graph.Client, principalID, graphID string) (*Consent, error) {
	granted, err := graph.All[Consent](ctx, client, graph.V1, pathPrincipals+"/"+url.PathEscape(principalID)+"/appRoleAssignments")
	if graph.IsNotFound(err) {
		return nil, nil //nolint:nilnil // the principal itself has not arrived yet
	}
	if err != nil {
		return nil, err
	}
	for i, c := range granted {
		if strings.EqualFold(c.RoleID, receivePayload) && strings.EqualFold(c.ResourceID, graphID) {
			return &granted[i], nil
		}
	}
	return nil, nil //nolint:nilnil // not granted
}

// markedApplications are those that we made under that name. The filter is Graph's work, the mark is looked at here.
func markedApplications(ctx context.Context, client *graph.Client, name string) ([]Application, error) {
	named, err := graph.All[Application](ctx, client, graph.V1, pathApplications+"?$filter=displayName eq "+graph.Literal(name))
	if err != nil {
		return nil, err
	}
	var marked []Application
	for _, app := range named {
		if app.DisplayName == name && app.marked() {
			marked = append(marked, app)
		}
	}
	return marked, nil
}

// sameTarget compares two target URLs but for their queries.
func sameTarget(one, other string) bool {
	return strings.EqualFold(strings.TrimSuffix(WithoutQuery(one), leftOut), strings.TrimSuffix(WithoutQuery(other), leftOut))
}

// Failure is an error with its remedy.
type Failure struct {
	What   string
	Err    error
	Remedy string
}

// Error is what failed, why, and what to do.
func (f *Failure) Error() string {
	text := f.What
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	if f.Remedy != "" {
		text += ". " + f.Remedy
	}
	return text
}

// Unwrap implements the errors package's interface.
func (f *Failure) Unwrap() error { return f.Err }

// failed names the remedy of what Graph refused.
func failed(what string, err error) error {
	if _, told := errors.AsType[*Failure](err); told {
		return err
	}
	return &Failure{What: what, Err: err, Remedy: remedyOf(err)}
}

func remedyOf(err error) string {
	e, answered := errors.AsType[*graph.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "Run the same command again: it goes on where it stopped"
	case !answered:
		if _, signIn := errors.AsType[*graph.SignInError](err); signIn {
			return "Sign in with --sign-in device, or see byoe setup --help for the other ways"
		}
		return "Look to the network, then run the same command again: it goes on where it stopped"
	case strings.Contains(e.Code+e.Message, codeB2C):
		return fmt.Sprintf("The service principal of Entra's caller is missing or has not arrived yet: wait a minute, then run byoe setup apply again (%s)", codeB2C)
	case e.Status == http.StatusUnauthorized:
		return "Sign in again, with --sign-in device for example"
	case e.Status == http.StatusForbidden:
		return "Whoever signed in lacks a permission or a role: byoe setup --help lists what each command needs"
	case e.Status == http.StatusTooManyRequests, e.Status >= http.StatusInternalServerError:
		return "Graph is busy: run the same command again in a minute; it goes on where it stopped"
	default:
		return ""
	}
}
