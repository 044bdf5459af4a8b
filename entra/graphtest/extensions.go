package graphtest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// mostExtensions is how many a directory may have (reference of customAuthenticationExtension).
const mostExtensions = 100

// createExtension refuses where Entra's caller has no service principal in the directory, with what people met there
// (AADB2C90063); the reference does not say it.
func (q *query) createExtension() *answer {
	if refusal := q.checkExtension(q.body); refusal != nil {
		return refusal
	}
	if !q.graph.principalOf(CallerAppID).isSeen() {
		return refuse(http.StatusBadRequest, "AADB2C90063", "There is a problem with the service.")
	}
	if len(q.graph.store[Extensions]) >= mostExtensions {
		return refuse(http.StatusBadRequest, "BadRequest", "The limit of 100 custom authentication extensions is reached.")
	}
	o := Object{"description": nil, "clientConfiguration": nil, "behaviorOnError": nil}
	merge(o, q.body)
	return q.created(Extensions, o)
}

func (q *query) changeExtension(e *entry) *answer {
	if text(q.body, "@odata.type") != text(e.object, "@odata.type") {
		return refuse(http.StatusBadRequest, "BadRequest", "The type of the extension is missing or differs.")
	}
	o := clone(e.object)
	merge(o, q.body)
	delete(o, "id")
	if refusal := q.checkExtension(o); refusal != nil {
		return refusal
	}
	o["id"] = e.object["id"]
	e.object = o
	return done()
}

func (q *query) checkExtension(o Object) *answer {
	if refusal := concrete(o, "customAuthenticationExtension"); refusal != nil {
		return refusal
	}
	if refusal := members(o, "onOtpSendCustomExtension", "displayName", "description", "authenticationConfiguration",
		"endpointConfiguration", "clientConfiguration", "behaviorOnError"); refusal != nil {
		return refusal
	}
	if refusal := checkConfiguration(o); refusal != nil {
		return refusal
	}
	if refusal := checkOverwrite(o); refusal != nil {
		return refusal
	}
	errors, _ := q.graph.validation(o)
	if len(errors) > 0 {
		return refuse(http.StatusBadRequest, text(errors[0], "code"), text(errors[0], "message"))
	}
	return nil
}

// checkConfiguration looks at the two parts that every extension has.
func checkConfiguration(o Object) *answer {
	for _, part := range []struct{ name, base, concrete, member string }{
		{"authenticationConfiguration", "customExtensionAuthenticationConfiguration", "azureAdTokenAuthentication", "resourceId"},
		{"endpointConfiguration", "customExtensionEndpointConfiguration", "httpRequestEndpoint", "targetUrl"},
	} {
		value, ok := o[part.name].(Object)
		if !ok {
			return refuse(http.StatusBadRequest, "BadRequest", "The property '"+part.name+"' is required.")
		}
		if refusal := concrete(value, part.base); refusal != nil {
			return refusal
		}
		if refusal := members(value, part.concrete, part.member); refusal != nil {
			return refusal
		}
	}
	return nil
}

// checkOverwrite looks at what an extension has and a listener's handler may have in its place. The bounds are the reference's.
func checkOverwrite(o Object) *answer {
	if behavior, ok := o["behaviorOnError"].(Object); ok {
		if refusal := concrete(behavior, "customExtensionBehaviorOnError"); refusal != nil {
			return refusal
		}
	}
	client, ok := o["clientConfiguration"].(Object)
	if !ok {
		return nil
	}
	if refusal := members(client, "customExtensionClientConfiguration", "timeoutInMilliseconds", "maximumRetries"); refusal != nil {
		return refusal
	}
	for name, bounds := range map[string][2]float64{"timeoutInMilliseconds": {200, 2000}, "maximumRetries": {0, 1}} {
		if n, ok := client[name].(float64); ok && (n < bounds[0] || n > bounds[1]) {
			return refuse(http.StatusBadRequest, "BadRequest", "The value of '"+name+"' is out of range.")
		}
	}
	return nil
}

// validateBody is validateAuthenticationConfiguration on the collection.
func (q *query) validateBody() *answer {
	if q.request.Method != http.MethodPost {
		return notAllowed()
	}
	if refusal := members(q.body, "customAuthenticationExtension", "endpointConfiguration", "authenticationConfiguration"); refusal != nil {
		return refusal
	}
	if refusal := checkConfiguration(q.body); refusal != nil {
		return refusal
	}
	return q.validate(q.body)
}

func (q *query) validate(o Object) *answer {
	errors, warnings := q.graph.validation(o)
	return reply(http.StatusOK, Object{
		"@odata.context": Address + "/" + q.version + "/$metadata#microsoft.graph.authenticationConfigurationValidation",
		"errors":         list(errors), "warnings": list(warnings),
	})
}

func list(all []Object) []any {
	items := []any{}
	for _, o := range all {
		items = append(items, o)
	}
	return items
}

// validation is what the reference lists for validateAuthenticationConfiguration, and beside it what people were told who
// named a resource that is not among the application's identifier URIs.
func (g *Graph) validation(o Object) (errors, warnings []Object) {
	problem := func(code, message string) Object { return Object{"code": code, "message": message} }
	resource, target := text(o, "authenticationConfiguration", "resourceId"), text(o, "endpointConfiguration", "targetUrl")
	match := regexp.MustCompile(`^api://([^/]+)/([0-9a-fA-F-]{36})$`).FindStringSubmatch(resource)
	if match == nil {
		return []Object{problem("IncorrectResourceIdFormat", "ResourceId should be in the format of 'api://{fully qualified domain name}/{appid}'")}, nil
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return []Object{problem("IncorrectTargetUrlFormat", "The target URL is not a valid https URL.")}, nil
	}
	if !strings.EqualFold(u.Hostname(), match[1]) {
		errors = append(errors, problem("DomainNameDoesNotMatch", "The fully qualified domain name in resourceId should match that of the specified targetUrl."))
	}
	principal := g.principalOf(match[2])
	if !principal.isSeen() {
		return append(errors, problem("ServicePrincipalNotFound", "The service principal of the application '"+match[2]+"' could not be found.")), nil
	}
	if !slices.Contains(texts(principal.object["servicePrincipalNames"]), resource) {
		errors = append(errors, problem("ResourceIdNotFound", "The resourceId is not found in the IdentifierUris property of the app"))
	}
	if !g.hasRole(text(principal.object, "id"), ReceivePayload) {
		warnings = append(warnings, problem("PermissionNotGrantedToServicePrincipal",
			"The permission CustomAuthenticationExtension.Receive.Payload is not granted to the service principal."))
	}
	return errors, warnings
}

func (g *Graph) hasRole(principalID, role string) bool {
	return g.first(AppRoleAssignments, func(o Object) bool {
		return text(o, "principalId") == principalID && text(o, "appRoleId") == role
	}).isSeen()
}
