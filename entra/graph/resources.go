package graph

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"byoe/config"
)

// sitesVersion is the version of Microsoft.Web that is spoken.
const sitesVersion = "?api-version=2023-12-01"

// Resources calls Azure Resource Manager, where the Function App is. Its subscription normally belongs to another directory
// than the users do, so it has a credential of its own. It may be used by many goroutines.
type Resources struct{ line line }

// NewResources returns a client of the cloud's Azure Resource Manager; o's credential gives tokens for that. It makes no
// request.
func NewResources(o Options) (*Resources, error) {
	if o.Credential == nil {
		return nil, errors.New("graph: no credential")
	}
	l, err := newLine(o.Cloud.Resources, o)
	if err != nil {
		return nil, err
	}
	return &Resources{line: l}, nil
}

// Site names a Function App, or one of its slots.
type Site struct {
	Subscription, ResourceGroup, Name string
	// Slot is "" for the production slot.
	Slot string
}

// ParseSite reads the app's resource id, /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/…, with
// /slots/… behind it for a slot. The portal shows it under Properties; az functionapp show prints it.
func ParseSite(id string) (Site, error) {
	parts := strings.Split(strings.Trim(id, "/"), "/")
	if len(parts) != 8 && len(parts) != 10 {
		return Site{}, errNoSite
	}
	for i, word := range map[int]string{0: "subscriptions", 2: "resourceGroups", 4: "providers", 5: "Microsoft.Web", 6: "sites"} {
		if !strings.EqualFold(parts[i], word) {
			return Site{}, errNoSite
		}
	}
	s := Site{Subscription: parts[1], ResourceGroup: parts[3], Name: parts[7]}
	if len(parts) == 10 {
		if s.Slot = parts[9]; !strings.EqualFold(parts[8], "slots") || s.Slot == "" {
			return Site{}, errNoSite
		}
	}
	if !config.IsGUID(s.Subscription) || s.ResourceGroup == "" || s.Name == "" {
		return Site{}, errNoSite
	}
	return s, nil
}

// errNoSite says that a text is no Function App's resource id.
var errNoSite = errors.New("no resource id of a Function App, such as " +
	"/subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.Web/sites/{name}")

// ID is the resource id that [ParseSite] reads.
func (s Site) ID() string {
	id := "/subscriptions/" + url.PathEscape(s.Subscription) + "/resourceGroups/" + url.PathEscape(s.ResourceGroup) +
		"/providers/Microsoft.Web/sites/" + url.PathEscape(s.Name)
	if s.Slot != "" {
		id += "/slots/" + url.PathEscape(s.Slot)
	}
	return id
}

// HostNames returns the names under which the app answers, its default one first. It needs Microsoft.Web/sites/read.
func (r *Resources) HostNames(ctx context.Context, s Site) ([]string, error) {
	var site struct {
		Properties struct {
			DefaultHostName  string   `json:"defaultHostName"`
			EnabledHostNames []string `json:"enabledHostNames"`
		} `json:"properties"`
	}
	if err := r.line.do(ctx, call{method: http.MethodGet, path: s.ID() + sitesVersion, out: &site}); err != nil {
		return nil, err
	}
	names := []string{site.Properties.DefaultHostName}
	for _, name := range site.Properties.EnabledHostNames {
		if !slices.Contains(names, name) && !strings.Contains(name, ".scm.") { // those are the deployment's, not the app's
			names = append(names, name)
		}
	}
	return names, nil
}

// settings is the body of both directions.
type settings struct {
	Properties map[string]string `json:"properties"`
}

// Settings returns the app's settings, secrets among them. It needs Microsoft.Web/sites/config/list/action, which the role
// Website Contributor has and Reader has not.
func (r *Resources) Settings(ctx context.Context, s Site) (map[string]string, error) {
	var have settings
	err := r.line.do(ctx, call{method: http.MethodPost, path: s.ID() + "/config/appsettings/list" + sitesVersion, out: &have})
	return have.Properties, err
}

// Merge sets some of the app's settings, leaves the others as they are, and returns the names of those that it changed,
// sorted. It needs Microsoft.Web/sites/config/write too.
//
// Azure replaces all settings at once and has no condition to do it under: what somebody else sets between our reading and
// our writing is lost. So what was written is read again, and where settings that nobody meant to change differ from before, that is an error.
// Where nothing is to be changed nothing is written, because each write restarts the app.
func (r *Resources) Merge(ctx context.Context, s Site, set map[string]string) ([]string, error) {
	have, err := r.Settings(ctx, s)
	if err != nil {
		return nil, err
	}
	var changed []string
	want := maps.Clone(have)
	if want == nil {
		want = map[string]string{}
	}
	for name, value := range set {
		if old, ok := have[name]; !ok || old != value {
			changed = append(changed, name)
			want[name] = value
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	slices.Sort(changed)
	if err := r.line.do(ctx, call{method: http.MethodPut, path: s.ID() + "/config/appsettings" + sitesVersion, in: settings{want}}); err != nil {
		return nil, err
	}
	got, err := r.Settings(ctx, s)
	if err != nil {
		return changed, err
	}
	if !maps.Equal(got, want) {
		return changed, fmt.Errorf("graph: somebody else changes the settings of %s at the same time: look through them", s.Name)
	}
	return changed, nil
}
