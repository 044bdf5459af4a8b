package providertest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// DecodeMIME reads a mail as a mail program does, and fails where it is not made as ours must be. The recipients are the
// envelope's matter and not set.
func DecodeMIME(raw string) (Mail, error) {
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return Mail{}, err
	}
	words := new(mime.WordDecoder)
	subject, err := words.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Mail{}, err
	}
	from, err := mail.ParseAddress(m.Header.Get("From"))
	if err != nil {
		return Mail{}, err
	}
	decoded := Mail{From: *from, Subject: subject, Headers: map[string]string{}}
	if value := m.Header.Get("Reply-To"); value != "" {
		replyTo, err := mail.ParseAddress(value)
		if err != nil {
			return Mail{}, err
		}
		decoded.ReplyTo = *replyTo
	}
	for name, values := range m.Header {
		switch name {
		case "Subject", "From", "To", "Reply-To", "Message-Id", "Date", "Mime-Version", "Content-Type":
		default:
			decoded.Headers[name] = strings.Join(values, " | ")
		}
	}
	decoded.Text, decoded.HTML, err = decodeParts(m)
	return decoded, err
}

func decodeParts(m *mail.Message) (text, html string, err error) {
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return "", "", errors.New("not multipart/alternative")
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	var bodies []string
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := parts.NextRawPart()
		if err != nil {
			return "", "", err
		}
		kind, parameters, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want || !strings.EqualFold(parameters["charset"], "utf-8") ||
			part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			return "", "", errors.New("a part is not " + want + " in UTF-8, quoted-printable")
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return "", "", err
		}
		bodies = append(bodies, strings.TrimRight(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n"))
	}
	if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
		return "", "", errors.New("more than two parts")
	}
	return bodies[0], bodies[1], nil
}
