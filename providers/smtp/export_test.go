package smtp

// Drain closes what is idle, as the end of Run does.
func (p *Provider) Drain() { p.pool.drain() }
