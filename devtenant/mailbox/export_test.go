package mailbox

import "time"

// Parse lets the fuzz test in without a server.
func Parse(raw string) Mail { return parse(raw) }

// HangFor shortens the time that a hanging provider hangs. It must be called before anything is submitted.
func (m *Mailbox) HangFor(d time.Duration) { m.hangMost = d }
