package mailbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"unicode"
)

// The bounds of a request beside its size. SendGrid allows more of most; no mail with a code comes near.
const (
	maxContents = 10
	maxHeaders  = 100
	// maxNameBytes is the longest name of a person or of a header field.
	maxNameBytes = 100
	// maxSubjectBytes is what stands in one line (RFC 5322, section 2.1.1).
	maxSubjectBytes = 998
	// maxArgsBytes is SendGrid's own bound for custom_args.
	maxArgsBytes = 10_000
	// maxDataBytes and maxDataDepth bound dynamic_template_data. Indenting costs the one times the other.
	maxDataBytes = 64 << 10
	maxDataDepth = 16
)

// notAnAddress is SendGrid's message for one; with a recipient's field it is how a client learns of a bad address.
const notAnAddress = "Does not contain a valid address."

// check returns everything that is wrong, in SendGrid's words where it is wrong there too (its reference, Mail Send, Errors).
// It is empty for a request of which a mail can be made: what is refused here cannot become a header field of its own there.
func (r sendGridRequest) check() []complaint {
	var complaints []complaint
	complaints = append(complaints, r.checkSender()...)
	complaints = append(complaints, r.checkPersonalizations()...)
	complaints = append(complaints, r.checkSubject()...)
	complaints = append(complaints, r.checkContent()...)
	return append(complaints, checkHeaders("headers", r.Headers)...)
}

func (r sendGridRequest) checkSender() []complaint {
	if r.From == nil {
		return []complaint{complain("The from object must be provided for every email send. It is an object that requires the email "+
			"parameter, but may also contain a name parameter.", "from.email")}
	}
	complaints := r.From.check("from")
	if r.ReplyTo != nil {
		complaints = append(complaints, r.ReplyTo.check("reply_to")...)
	}
	return complaints
}

func (r sendGridRequest) checkPersonalizations() []complaint {
	if len(r.Personalizations) == 0 {
		return []complaint{complain("The personalizations field is required and must have at least one personalization.", "personalizations")}
	}
	if len(r.Personalizations) > maxRecipients || len(r.recipients()) > maxRecipients {
		return []complaint{complain(fmt.Sprintf("This stand-in takes no more than %d recipients.", maxRecipients), "personalizations")}
	}
	var complaints []complaint
	for i, p := range r.Personalizations {
		complaints = append(complaints, p.check(fmt.Sprintf("personalizations.%d", i))...)
	}
	return complaints
}

func (p personalization) check(field string) []complaint {
	var complaints []complaint
	if len(p.To) == 0 {
		complaints = append(complaints, complain("The to array is required for all personalization objects, and must have at least one "+
			"email object with a valid email address.", field+".to"))
	}
	for _, list := range []struct {
		name      string
		addresses []sendGridAddress
	}{{"to", p.To}, {"cc", p.CC}, {"bcc", p.BCC}} {
		for i, address := range list.addresses {
			complaints = append(complaints, address.check(fmt.Sprintf("%s.%s.%d", field, list.name, i))...)
		}
	}
	complaints = append(complaints, checkLine(field+".subject", p.Subject, maxSubjectBytes)...)
	complaints = append(complaints, checkHeaders(field+".headers", p.Headers)...)
	if !isSmallObject(p.DynamicTemplateData) {
		complaints = append(complaints, complain("The dynamic_template_data must be an object, and neither large nor deep.",
			field+".dynamic_template_data"))
	}
	size := 0
	for name, value := range p.CustomArgs {
		size += len(name) + len(value)
	}
	if size > maxArgsBytes {
		complaints = append(complaints, complain("The custom_args may not exceed 10000 bytes.", field+".custom_args"))
	}
	return complaints
}

// check wants a bare address with an ASCII local part: SendGrid knows no other.
func (a sendGridAddress) check(field string) []complaint {
	parsed, err := mail.ParseAddress(a.Email)
	local, _, _ := strings.Cut(a.Email, "@")
	isBare := err == nil && parsed.Address == a.Email && parsed.Name == "" && !strings.ContainsFunc(a.Email, unicode.IsControl)
	var complaints []complaint
	if !isBare || !isASCII(local) || len(a.Email) > maxAddressBytes {
		complaints = append(complaints, complain(notAnAddress, field+".email"))
	}
	return append(complaints, checkLine(field+".name", a.Name, maxNameBytes)...)
}

// checkSubject: a template has a subject of its own, otherwise each mail needs one.
func (r sendGridRequest) checkSubject() []complaint {
	complaints := checkLine("subject", r.Subject, maxSubjectBytes)
	lacks := slices.ContainsFunc(r.Personalizations, func(p personalization) bool { return p.Subject == "" })
	if r.Subject == "" && r.TemplateID == "" && lacks {
		complaints = append(complaints, complain("The subject is required. You can get around this requirement if you use a template with "+
			"a subject defined or if every personalization has a subject defined.", "subject"))
	}
	return complaints
}

func (r sendGridRequest) checkContent() []complaint {
	complaints := checkLine("template_id", r.TemplateID, maxNameBytes)
	if len(r.Content) == 0 && r.TemplateID == "" {
		complaints = append(complaints, complain("Unless a valid template_id is provided, the content parameter is required. There must be "+
			"at least one defined content block.", "content"))
	}
	if len(r.Content) > maxContents {
		return append(complaints, complain(fmt.Sprintf("This stand-in takes no more than %d content blocks.", maxContents), "content"))
	}
	seen := ""
	for i, content := range r.Content {
		mediaType, _, err := mime.ParseMediaType(content.Type)
		switch {
		case err != nil || !strings.HasPrefix(mediaType, "text/"):
			complaints = append(complaints, complain("This stand-in takes text only, such as text/plain.", fmt.Sprintf("content.%d.type", i)))
		case content.Value == "":
			complaints = append(complaints, complain("The content value must be a string at least one character in length.",
				fmt.Sprintf("content.%d.value", i)))
		case mediaType == "text/plain" && i > 0, mediaType == "text/html" && seen != "" && seen != "text/plain":
			complaints = append(complaints, complain("If present, text/plain and text/html may only be provided once, text/plain first, "+
				"followed by text/html.", "content"))
		}
		seen = mediaType
	}
	return complaints
}

// checkHeaders wants names of RFC 5322, section 3.6.8, and none of those that SendGrid writes itself.
func checkHeaders(field string, headers map[string]string) []complaint {
	if len(headers) > maxHeaders {
		return []complaint{complain(fmt.Sprintf("This stand-in takes no more than %d headers.", maxHeaders), field)}
	}
	var complaints []complaint
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		switch {
		case name == "" || len(name) > maxNameBytes || strings.ContainsFunc(name, notInFieldName):
			complaints = append(complaints, complain("A header's name must be printable ASCII without spaces and colons.", field))
		case isReserved(name):
			complaints = append(complaints, complain("You may not override this header.", field+"."+name))
		default:
			complaints = append(complaints, checkLine(field+"."+name, headers[name], maxRequestBytes)...)
		}
	}
	return complaints
}

// isReserved lists what the API description says that a request may not override. Two of them decide how the mail is taken
// apart.
func isReserved(name string) bool {
	switch strings.ToLower(name) {
	case "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
		"subject", "reply-to", "cc", "bcc":
		return true
	default:
		return false
	}
}

func notInFieldName(r rune) bool { return r <= ' ' || r > '~' || r == ':' }

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > '~' })
}

// checkLine refuses what would begin a header field of its own (CWE-93).
func checkLine(field, value string, maxBytes int) []complaint {
	if strings.ContainsAny(value, "\r\n") {
		return []complaint{complain("The value must not contain a line break.", field)}
	}
	if len(value) > maxBytes {
		return []complaint{complain("The value is too long.", field)}
	}
	return nil
}

func isNone(data json.RawMessage) bool { return len(data) == 0 || string(data) == "null" }

// isSmallObject says whether the data are an object that can be shown, or none at all.
func isSmallObject(data json.RawMessage) bool {
	if isNone(data) {
		return true
	}
	if len(data) > maxDataBytes || data[0] != '{' {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	depth := 0
	for decoder.More() || depth > 0 {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > maxDataDepth {
			return false
		}
	}
	return true
}
