package cli

import (
	"io"

	"byoe/notices"
)

// noticesCommand is byoe notices.
type noticesCommand struct{}

// Run prints the licences of what byoe is made of.
func (noticesCommand) Run(p *program) error {
	_, err := io.WriteString(p.stdout, notices.Text())
	return err
}
