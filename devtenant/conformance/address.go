package conformance

import "context"

// addressChecks are about identifiers to which no mail can go, or to which one would go that nobody meant.
func addressChecks() []check {
	var checks []check
	add := func(id, title, remedy string, identifier func(to string) string) {
		checks = append(checks, check{id: id, title: title, needs: anAnswer, run: func(ctx context.Context, r *run) finding {
			who := r.people.next()
			req, err := r.genuine(who, set("data/otpContext/identifier", identifier(who.To)))
			if err != nil {
				return unplayable(err)
			}
			return r.refused(ctx, who.To, req, anyRefusal, remedy)
		}})
	}
	add("address.phone", "a phone number is refused", "Refuse what is no address: this event is about mail, and a 200 says that one was sent", func(string) string { return "+15551234" })
	add("address.list", "a list of addresses is refused", "Take one address and no list: the code must go to one person", func(to string) string { return to + ", other@example.com" })
	add("address.line-break", "an address with a line break is refused",
		"Refuse control characters: behind a line break an address becomes a header field or an SMTP command (CWE-93)", func(to string) string { return to + "\r\nBcc: other@example.com" })
	return checks
}
