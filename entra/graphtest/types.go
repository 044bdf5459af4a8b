package graphtest

import (
	"net/http"
	"slices"
)

// abstract are the types that no thing has by themselves, each with the concrete ones that are known here.
func abstract() map[string][]string {
	return map[string][]string{
		"customAuthenticationExtension": {
			"onOtpSendCustomExtension", "onTokenIssuanceStartCustomExtension", "onAttributeCollectionStartCustomExtension",
			"onAttributeCollectionSubmitCustomExtension",
		},
		"authenticationEventListener": {
			"onEmailOtpSendListener", "onTokenIssuanceStartListener", "onAttributeCollectionListener",
		},
		"customExtensionAuthenticationConfiguration": {"azureAdTokenAuthentication", "azureAdPopTokenAuthentication"},
		"customExtensionEndpointConfiguration":       {"httpRequestEndpoint", "logicAppTriggerEndpointConfiguration"},
		"customExtensionBehaviorOnError":             {"fallbackToMicrosoftProviderOnError"},
		"onOtpSendHandler":                           {"onOtpSendCustomExtensionHandler"},
		"authenticationMethodConfiguration":          {"emailAuthenticationMethodConfiguration"},
	}
}

// concrete refuses an object whose type is not one of those that stand for the abstract one: Graph cannot make a thing of it.
// The names' case counts here; Graph itself is more tolerant (its own walkthrough writes OnOtpSendCustomExtension).
func concrete(o Object, base string) *answer {
	const prefix = "#microsoft.graph."
	name := text(o, "@odata.type")
	if name == "" {
		return refuse(http.StatusBadRequest, "BadRequest", "A type named 'microsoft.graph."+base+"' is abstract: '@odata.type' is required.")
	}
	if !slices.ContainsFunc(abstract()[base], func(known string) bool { return name == prefix+known }) {
		return refuse(http.StatusBadRequest, "BadRequest", "Invalid OData type specified: '"+name+"'")
	}
	return nil
}

// members refuses what a closed type has not.
func members(o Object, of string, known ...string) *answer {
	for name := range o {
		if name[0] != '@' && !slices.Contains(known, name) {
			return refuse(http.StatusBadRequest, "BadRequest", "The property '"+name+"' does not exist on type 'microsoft.graph."+of+"'. "+
				"Make sure to only use property names that are defined by the type.")
		}
	}
	return nil
}
