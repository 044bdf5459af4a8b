package graph

import "context"

// Warm gets the token ahead of the first mail and opens no connection.
func (p *Provider) Warm(ctx context.Context) error {
	_, err := p.tokens.Token(ctx)
	return err
}
