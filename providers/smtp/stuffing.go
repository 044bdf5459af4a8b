package smtp

import "bytes"

// stuffed returns a mail as it goes over the wire behind DATA, without the final dot: each line ends in CRLF, the last one
// too, and a dot at its start is doubled (RFC 5321, section 4.5.2). A bare line feed becomes a line's end: left as it is, a
// server that takes it for one would find a final dot where we put none.
//
// It is what net/textproto's DotWriter writes, octet for octet (but for carriage returns in a row), in one piece: that one looks at every octet by itself, and
// its buffer makes three writes of a mail.
func stuffed(content []byte) []byte {
	if asOnWire(content) {
		return content
	}
	wire := make([]byte, 0, len(content)+len(content)/64+16)
	for line := range bytes.Lines(content) {
		if line[0] == '.' {
			wire = append(wire, '.')
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		wire = append(append(wire, bytes.TrimSuffix(line, []byte("\r"))...), "\r\n"...)
	}
	if len(wire) == 0 {
		return []byte("\r\n")
	}
	return wire
}

// asOnWire says that nothing is to be done, as with nearly every mail.
func asOnWire(content []byte) bool {
	crlf, lf := []byte("\r\n"), []byte("\n")
	return bytes.HasSuffix(content, crlf) && content[0] != '.' && !bytes.Contains(content, []byte("\n.")) &&
		bytes.Count(content, crlf) == bytes.Count(content, lf)
}
