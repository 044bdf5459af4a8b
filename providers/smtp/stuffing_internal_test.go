package smtp

import (
	"bufio"
	"bytes"
	"net/textproto"
	"testing"
)

// FuzzStuffed holds the wire against what net/textproto makes of the same content.
func FuzzStuffed(f *testing.F) {
	for _, content := range []string{
		"", ".", "..", "a", "a\r\n", "a\n.b\n", "\r\n.\r\n", "\n.\n", "a\r", "a\r\r\n", "\r.\r\n", "a\rb\n", ".\r\nMAIL FROM:<>\r\n", "\n", "\r",
	} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.Contains(content, []byte("\r\r")) {
			return // textproto makes three of two before a line feed
		}
		var want bytes.Buffer
		dots := textproto.NewWriter(bufio.NewWriter(&want)).DotWriter()
		if _, err := dots.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := dots.Close(); err != nil {
			t.Fatal(err)
		}
		got := append(stuffed(content), ".\r\n"...)
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%q goes as %q, textproto writes %q", content, got, want.Bytes())
		}
	})
}
