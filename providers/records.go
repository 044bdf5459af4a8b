package providers

// Publisher is a Provider whose vendor wants records in the DNS of the sender's domain.
type Publisher interface {
	Records(domain string) Records
}

// Records is what receivers look at in a mail that a vendor sends for a domain. The zero value stands for a domain of the
// vendor's own.
type Records struct {
	// Envelope is the domain of the return path, whose SPF record counts; "" where it is the vendor's own, or one that the
	// owner has handed to the vendor whole (CNAME).
	Envelope string
	// Include is what that SPF record includes; "" where there is nothing to include.
	Include string
	// Signer is the domain that the DKIM signature names.
	Signer string
	// Selectors are where the vendor's DKIM keys are, below <Signer>; none where the vendor makes up new ones for each domain.
	// One that is there is enough: vendors keep a second one for the day on which they change keys.
	Selectors []string
	// Chosen says that the owner may have chosen other names, so that one that is missing proves little.
	Chosen bool
}
