package smtp

import (
	"net/textproto"
	"strconv"
	"strings"

	"byoe/providers"
)

// stage is where in the dialogue a reply came: the same code blames different people at different points.
type stage int

const (
	// stageGreeting is the greeting and EHLO.
	stageGreeting stage = iota
	stageTLS
	stageAuth
	// stageSender is MAIL FROM.
	stageSender
	// stageRecipient is RCPT TO.
	stageRecipient
	// stageContent is DATA and its final dot.
	stageContent
)

// status is an enhanced status code (RFC 3463); the zero value is none.
type status struct {
	class, subject, detail int
}

// refused makes an error of a negative reply. Of its text only the enhanced status code is looked at, and only the
// codes go into the error: servers quote the recipient, the sender and whole policies in the rest.
func refused(reply *textproto.Error, at stage) *providers.Error {
	enhanced := parseStatus(reply.Code, reply.Msg)
	code := strconv.Itoa(reply.Code)
	if enhanced != (status{}) {
		code += " " + enhanced.String()
	}
	return &providers.Error{Kind: kindOf(reply.Code, enhanced, at), Code: code, Cause: reply}
}

func kindOf(code int, enhanced status, at stage) providers.Kind {
	switch {
	case code < 400 || code > 599:
		// 2yz or 3yz where another was due: the dialogue has come apart.
		return providers.KindTemporary
	case at == stageAuth:
		return kindOfLogin(code)
	case code == 530 || code == 534 || code == 535 || code == 538:
		return providers.KindAuth
	case at == stageGreeting || at == stageTLS:
		// Neither sender nor recipient has been named: it is us that the server does not want.
		return temporaryOr(code, providers.KindConfig)
	case enhanced != (status{}):
		return kindOfStatus(code, enhanced, at)
	default:
		return kindOfCode(code, at)
	}
}

func temporaryOr(code int, permanent providers.Kind) providers.Kind {
	if code < 500 {
		return providers.KindTemporary
	}
	return permanent
}

// kindOfLogin: 454 4.7.0 is a temporary failure of the server's own (RFC 4954, section 6), 500 to 504 mean that it does
// not know the mechanism after all.
func kindOfLogin(code int) providers.Kind {
	switch {
	case code < 500:
		return providers.KindTemporary
	case code <= 504:
		return providers.KindConfig
	default:
		return providers.KindAuth
	}
}

// kindOfStatus reads the enhanced status code (RFC 3463 and its registry at IANA).
func kindOfStatus(code int, enhanced status, at stage) providers.Kind {
	switch enhanced.subject {
	case 1:
		return kindOfAddressStatus(code, enhanced.detail, at)
	case 2:
		return kindOfMailboxStatus(code, enhanced.detail)
	case 3, 4:
		if enhanced.subject == 3 && enhanced.detail == 4 && code >= 500 {
			return providers.KindConfig // 5.3.4: message too big for the system, everybody's
		}
		return providers.KindTemporary
	case 5:
		return temporaryOr(code, providers.KindConfig)
	case 6:
		if enhanced.detail == 7 || enhanced.detail == 9 {
			return providers.KindRefused // non-ASCII addresses not supported, here or on the way
		}
		return temporaryOr(code, providers.KindConfig)
	case 7:
		return kindOfPolicyStatus(code, enhanced.detail)
	default:
		return kindOfCode(code, at)
	}
}

// kindOfAddressStatus: x.1.7 and x.1.8 are about the sender, the others about the recipient once one has been named.
// A 4.1.z is no verdict: Postfix answers 450 4.1.1 while it is still verifying the address, and 450 4.1.2 when DNS
// does not answer.
func kindOfAddressStatus(code, detail int, at stage) providers.Kind {
	switch {
	case detail == 7 || detail == 8:
		return providers.KindConfig
	case code < 500:
		return providers.KindTemporary
	case at == stageSender:
		return providers.KindConfig
	default:
		return providers.KindInvalidAddress
	}
}

// kindOfMailboxStatus: x.2.1 disabled and x.2.2 full are the recipient's state as this server knows it.
func kindOfMailboxStatus(code, detail int) providers.Kind {
	if detail == 1 || detail == 2 {
		return providers.KindRefused
	}
	return temporaryOr(code, providers.KindRefused)
}

// kindOfPolicyStatus: 4.7.z is greylisting and rate limits. 5.7.1, 5.7.26 and 5.7.27 mostly mean that we are not allowed
// to relay or that the sender's domain fails its own SPF, DKIM or DMARC; 5.7.8, 5.7.9 and 5.7.11 are about the login.
func kindOfPolicyStatus(code, detail int) providers.Kind {
	if code < 500 {
		return providers.KindThrottled
	}
	switch detail {
	case 1, 26, 27:
		return providers.KindConfig
	case 8, 9, 11:
		return providers.KindAuth
	default:
		return providers.KindRefused
	}
}

// kindOfCode reads the bare code (RFC 5321, section 4.2.3). 454 within a mail is not of that document: SES says
// "Throttling failure" with it. A bare 550 or 553 for a recipient may mean the address or the server's policy: another
// provider may know better, so that the address is not condemned.
func kindOfCode(code int, at stage) providers.Kind {
	switch {
	case code == 454:
		return providers.KindThrottled
	case code < 500:
		return providers.KindTemporary
	case code <= 504, code == 555:
		return providers.KindConfig
	case at == stageSender:
		return providers.KindConfig
	case code == 552 && at == stageContent:
		return providers.KindConfig
	case code == 556 && at == stageRecipient:
		return providers.KindInvalidAddress // the domain takes no mail (RFC 7504)
	default:
		return providers.KindRefused
	}
}

// parseStatus reads "5.1.1" from the start of a reply's text. A class that differs from the code's is a server's
// mistake, and then the code is believed.
func parseStatus(code int, text string) status {
	word, _, _ := strings.Cut(text, " ")
	word, _, _ = strings.Cut(word, "\n")
	parts := strings.Split(word, ".")
	if len(parts) != 3 {
		return status{}
	}
	var numbers [3]int
	for i, part := range parts {
		if len(part) < 1 || len(part) > 3 || strings.Trim(part, "0123456789") != "" {
			return status{}
		}
		numbers[i], _ = strconv.Atoi(part)
	}
	if numbers[0] != code/100 {
		return status{}
	}
	return status{class: numbers[0], subject: numbers[1], detail: numbers[2]}
}

// String returns "5.1.1".
func (s status) String() string {
	return strconv.Itoa(s.class) + "." + strconv.Itoa(s.subject) + "." + strconv.Itoa(s.detail)
}
