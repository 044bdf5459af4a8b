package event

import "slices"

// answer is the only success that Entra knows: one action, capital O in OnOtpSendResponseData and in OtpSend. Any other
// status, body or media type makes Entra fail the sign-in or fall back to Microsoft's own mail (errors 1003002, 1003003,
// 1003006, 1003010 and 1003012 of the troubleshooting page).
const answer = `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData",` +
	`"actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`

// AnswerType is the media type that Entra demands of the answer (error 1003006).
const AnswerType = "application/json"

// Answer returns the body of a 200: the mail was accepted by a provider.
func Answer() []byte { return slices.Clone([]byte(answer)) }
