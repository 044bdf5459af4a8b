package otp

// Expire lets the time of everything that is known of an identifier pass at once: its code, its counts and its lock-out. It
// is for people who try a page and do not want to wait for half an hour.
func (e *Engine) Expire(identifier string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.records[identifierDigest(identifier)]; r != nil {
		e.remove(r)
	}
}
