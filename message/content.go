package message

import "byoe/event"

// content is one mail's sentences, filled and not yet escaped: the templates do that.
type content struct {
	Locale, Direction string

	Title, Preheader, Heading, Lead string
	CodeLabel, Code, Validity       string
	NeverShare, Ignore, SignOff     string
}

// Start is the side where lines begin, for the align attribute: Outlook on Windows does not honour dir everywhere.
func (c content) Start() string {
	if c.Direction == "rtl" {
		return "right"
	}
	return "left"
}

// variables are what a provider-hosted template may use. otp alone is what Microsoft's SendGrid sample sends; otp, email,
// subject, message, code and signature are those of the Azure AD B2C samples, where code is the label before the code;
// the others are ours.
func (c content) variables(to Address, flow event.Flow) map[string]string {
	return map[string]string{
		"otp":       c.Code,
		"email":     to.Reveal(),
		"subject":   c.Title,
		"message":   c.Lead,
		"code":      c.CodeLabel,
		"signature": c.SignOff,

		"preheader":  c.Preheader,
		"heading":    c.Heading,
		"validity":   c.Validity,
		"neverShare": c.NeverShare,
		"ignore":     c.Ignore,
		"flow":       flow.String(),
		"locale":     c.Locale,
		"direction":  c.Direction,
	}
}
