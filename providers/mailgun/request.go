package mailgun

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// request returns the form for one mail to one recipient. Without attachments Mailgun takes a URL-encoded form as well as a
// multipart one, and it needs no boundary.
func (p *Provider) request(s providers.Submission, test bool) httpclient.Request {
	m := s.Message
	form := url.Values{
		"from":    {providers.Mailbox(m.From)},
		"to":      {m.To.Reveal()},
		"subject": {providers.HeaderText(m.Subject)},
		"text":    {m.Text},
		"html":    {m.HTML},

		"o:tracking":        {"no"},
		"o:tracking-clicks": {"no"},
		"o:tracking-opens":  {"no"},
		// In the events and webhooks of this mail. A tag (o:tag) would only be a line in the statistics.
		"v:correlation_id": {m.CorrelationID},
		"v:submission_id":  {s.ID},
	}
	if m.ReplyTo != nil {
		form.Set("h:Reply-To", providers.Mailbox(*m.ReplyTo))
	}
	for _, header := range s.Headers() {
		form.Set("h:"+header.Name, providers.HeaderText(header.Value))
	}
	if test {
		form.Set("o:testmode", "yes")
	}
	return httpclient.Request{
		URL: p.config.baseURL() + "/v3/" + p.config.Domain + "/messages",
		Header: http.Header{
			"Authorization": {p.authorization()},
			"Content-Type":  {"application/x-www-form-urlencoded"},
		},
		Body: []byte(form.Encode()),
	}
}

func (p *Provider) authorization() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte("api:"+p.config.APIKey.Reveal()))
}
