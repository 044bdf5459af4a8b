package ses

import (
	"errors"
	"strconv"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// failureOf classifies what SendEmail returned. The message of an SES error quotes the recipient: it is compared with
// two phrases known beforehand and goes nowhere else.
func failureOf(err error, progress *httpclient.Progress) *providers.Error {
	answer, answered := errors.AsType[*awshttp.ResponseError](err)
	if !answered || answer.HTTPStatusCode() == 0 {
		return progress.Failure(err)
	}
	status := answer.HTTPStatusCode()
	failure := &providers.Error{Code: strconv.Itoa(status), Cause: err}
	if answer.Response != nil {
		failure.RetryAfter = httpclient.RetryAfter(answer.Response.Header, time.Now())
	}
	named, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		failure.Kind = httpclient.KindOfStatus(status)
		return failure
	}
	kind, known := kindOfCode(named.ErrorCode())
	if !known {
		failure.Kind = httpclient.KindOfStatus(status)
		return failure
	}
	failure.Kind = kind
	failure.Code = named.ErrorCode() + quota(kind, named.ErrorMessage())
	return failure
}

// kindOfCode knows the errors of SendEmail (its API model) and those common to all AWS services. Only a known code may
// stand in an error's text: the field is the vendor's to fill in.
//
// MessageRejected is a matter of set-up both times: content that SES refuses, and "Email address is not verified" in an
// account that is still in the sandbox. Paused and suspended accounts need the owner as well.
func kindOfCode(code string) (kind providers.Kind, known bool) {
	switch code {
	case "TooManyRequestsException", "ThrottlingException", "Throttling", "ThrottledException", "LimitExceededException",
		"RequestLimitExceeded":
		return providers.KindThrottled, true
	case "MessageRejected", "BadRequestException", "MailFromDomainNotVerifiedException", "NotFoundException",
		"SendingPausedException", "AccountSuspendedException", "ValidationException", "ValidationError":
		return providers.KindConfig, true
	case "AccessDenied", "AccessDeniedException", "InvalidClientTokenId", "UnrecognizedClientException",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException",
		"ExpiredToken", "ExpiredTokenException", "RequestExpired", "MissingAuthenticationToken",
		"MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired":
		return providers.KindAuth, true
	case "InternalServiceErrorException", "InternalServiceError", "InternalFailure", "InternalServerError",
		"ServiceUnavailable", "ServiceUnavailableException":
		return providers.KindTemporary, true
	default:
		return providers.KindAmbiguous, false
	}
}

// quota tells two opposite cases apart that share one exception: a rate that is good again in a second, and a quota
// that is spent for the day. SES says which only in prose (developer guide, "Errors related to the sending quotas").
func quota(kind providers.Kind, prose string) string {
	if kind != providers.KindThrottled {
		return ""
	}
	prose = strings.ToLower(prose)
	switch {
	case strings.Contains(prose, "daily message quota"):
		return " daily quota"
	case strings.Contains(prose, "maximum sending rate"):
		return " rate"
	default:
		return ""
	}
}
