// Package entra sets up the Entra side of the webhook through Microsoft Graph: the app registration that protects the
// endpoint, its consent, the custom authentication extension that names the endpoint, and the listener that makes Entra call it
// when it has a code to send. It reads everything back, tells what is wrong, and takes away only what it made.
//
// [Inspect] reads the tenant into a [Wiring]. A planning function ([PlanApply], [PlanAdopt], [PlanOff], [PlanOn],
// [PlanRemove]) compares that with a [Want] and the [Record] of earlier runs and makes a [Plan], which a person can read.
// [Applier.Apply] does what the plan says and nothing else, and then reads back. [Diagnose] judges a wiring that anybody made.
package entra

// The identifiers of Microsoft's that are the same in every tenant of the public cloud.
const (
	// CallerAppID is "Azure Active Directory Authentication Extensions", the application as which Entra calls the endpoint.
	CallerAppID = "99045fe1-7639-4a75-9d4a-577b6ca3810f"
	// graphAppID is Microsoft Graph.
	graphAppID = "00000003-0000-0000-c000-000000000000"
	// receivePayload is Graph's app role CustomAuthenticationExtension.Receive.Payload. Without it granted to the app
	// registration's service principal Entra sends no event: error 1003021.
	receivePayload = "214e810f-fda8-4fd7-a475-29461495eb00"
)

// The types of Graph's that the event has, with the small first letter of the metadata. Microsoft's walkthrough writes one of
// them with a capital, which Graph's own description refuses.
const (
	typeExtension    = "#microsoft.graph.onOtpSendCustomExtension"
	typeListener     = "#microsoft.graph.onEmailOtpSendListener"
	typeHandler      = "#microsoft.graph.onOtpSendCustomExtensionHandler"
	typeEndpoint     = "#microsoft.graph.httpRequestEndpoint"
	typeAuthenticate = "#microsoft.graph.azureAdTokenAuthentication"
	typeFallback     = "#microsoft.graph.fallbackToMicrosoftProviderOnError"
)

// What marks a thing as ours where the record of its making is lost. Names alone would not do: people give names too.
const (
	markTag         = "byoe"
	markDescription = "Made by byoe setup: calls the webhook that mails one-time codes."
)

// Entra's bounds of a call, and what it does where nothing is said (Graph's customExtensionClientConfiguration).
const (
	// MostTimeout is the longest that Entra waits for an answer, in milliseconds.
	MostTimeout = 2000
	// leastTimeout is the shortest that can be asked for, in milliseconds.
	leastTimeout = 200
	// silentTimeout is how long Entra waits where an extension says nothing, in milliseconds: too short for a second provider.
	silentTimeout = 1000
	// MostRetries is how often Entra calls again after its time-out.
	MostRetries = 1
)
