package mailbox

// Parse lets the fuzz test in without a server.
func Parse(raw string) Mail { return parse(raw) }
