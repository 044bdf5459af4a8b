package graph

import (
	"net/http"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// failureOf classifies an answer that is not 202 (learn.microsoft.com, Graph's error responses and the codes of Exchange).
// Only a known code may stand in an error's text: the field is the vendor's to fill in.
func failureOf(answer httpclient.Answer) *providers.Error {
	code := codeIn(answer)
	kind, known := kindOfCode(code)
	// For an invalid address nobody else is asked: only the answer that Graph has for one may say so.
	odd := kind == providers.KindInvalidAddress && answer.Status != http.StatusBadRequest
	if !known || odd || answer.Status < http.StatusBadRequest || answer.Status == http.StatusGatewayTimeout {
		return answer.Failure(httpclient.KindOfStatus(answer.Status), "")
	}
	return answer.Failure(kind, code)
}

func kindOfCode(code string) (kind providers.Kind, known bool) {
	switch code {
	case "InvalidAuthenticationToken", "CompactToken", "ErrorAccessDenied", "Authorization_RequestDenied", "AccessDenied",
		"Forbidden", "Unauthorized":
		return providers.KindAuth, true
	case "ErrorSendAsDenied", "ErrorInvalidUser", "ErrorNonExistentMailbox", "MailboxNotEnabledForRESTAPI",
		"MailboxNotSupportedForRESTAPI", "ResourceNotFound", "Request_ResourceNotFound", "ErrorInvalidInternetHeaderName",
		"ErrorMessageSizeExceeded", "RequestBodyRead", "BadRequest", "ErrorInvalidRequest", "ErrorAccountDisabled",
		"ErrorAccountSuspend":
		return providers.KindConfig, true
	case "ErrorInvalidRecipients":
		return providers.KindInvalidAddress, true
	case "ApplicationThrottled", "TooManyRequests", "ErrorTooManyObjectsOpened", "ErrorExceededMessageLimit",
		"ErrorMessageSubmissionBlocked", "ErrorQuotaExceeded", "ErrorServerBusy":
		return providers.KindThrottled, true
	case "MailboxInfoStale", "ErrorInternalServerError", "ErrorInternalServerTransientError", "ErrorMailboxStoreUnavailable",
		"ErrorTimeoutExpired", "ServiceUnavailable":
		return providers.KindTemporary, true
	default: // UnknownError among them, which comes with 401 and 403 too: there the status knows more
		return providers.KindAmbiguous, false
	}
}
