package entra

import (
	"slices"
	"strconv"
	"strings"
)

// What plans, records and comparisons call the properties that are ours to set.
const (
	propName      = "displayName"
	propURIs      = "identifierUris"
	propVersion   = "requestedAccessTokenVersion"
	propRequired  = "requiredResourceAccess"
	propEnabled   = "accountEnabled"
	propTarget    = "targetUrl"
	propResource  = "resourceId"
	propTimeout   = "timeoutInMilliseconds"
	propRetries   = "maximumRetries"
	propOnError   = "behaviorOnError"
	propApps      = "applications"
	propPriority  = "priority"
	propExtension = "customExtension"
	propOverrides = "configuration"
)

const (
	wordAll      = "all applications"
	wordFallback = "Microsoft sends its own mail"
	wordError    = "an error is shown"
	wordDefault  = "(default)"
	wordReceive  = "Microsoft Graph: CustomAuthenticationExtension.Receive.Payload"
)

func words(n *int) string {
	if n == nil {
		return wordDefault
	}
	return strconv.Itoa(*n)
}

func wordsOfOnError(b *OnError) string {
	if b.fallsBack() {
		return wordFallback
	}
	return wordError
}

// words are the application's properties.
func (a *Application) words() map[string]string {
	uris := slices.Clone(a.IdentifierURIs)
	slices.Sort(uris)
	return map[string]string{propName: a.DisplayName, propURIs: strings.Join(uris, ", "), propVersion: strconv.Itoa(a.tokenVersion())}
}

// words are the extension's properties.
func (e *Extension) words() map[string]string {
	c := e.Client
	if c == nil {
		c = &CallPolicy{}
	}
	return map[string]string{
		propName: e.DisplayName, propTarget: WithoutQuery(e.Endpoint.URL), propResource: e.Authentication.ResourceID,
		propTimeout: words(c.Timeout), propRetries: words(c.Retries), propOnError: wordsOfOnError(e.OnError),
	}
}

// words are the listener's properties.
func (l *Listener) words() map[string]string {
	apps := strings.Join(l.apps(), ", ")
	if l.Conditions.Applications.All {
		apps = wordAll
	}
	return map[string]string{
		propApps: apps, propPriority: words(l.Priority), propExtension: l.Handler.Extension.ID, propOverrides: l.Handler.Overrides.words(),
	}
}

func (o *Overrides) words() string {
	if o == nil || o.OnError == nil && o.Client == nil {
		return "none: the extension's values count"
	}
	text := "on error " + wordsOfOnError(o.OnError)
	if o.OnError == nil {
		text = "on error as the extension says"
	}
	if o.Client != nil {
		text += ", time-out " + words(o.Client.Timeout) + ", retries " + words(o.Client.Retries)
	}
	return text
}

// wordsOf are the properties of the set-up's thing of that kind, nil where it has none that are ours to set.
func (w *Wiring) wordsOf(of Resource) map[string]string {
	switch {
	case of == ResourceApplication && w.Application != nil:
		return w.Application.words()
	case of == ResourceExtension && w.Extension != nil:
		return w.Extension.words()
	case of == ResourceListener && w.Listener != nil:
		return w.Listener.words()
	default:
		return nil
	}
}
