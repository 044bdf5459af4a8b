package delivery

import "byoe/providers"

// goesOn says whether the next provider is asked after a failure of this kind.
//
// Only an address that is wrong everywhere ends the matter. An ambiguous failure goes on: two mails with one code annoy,
// none locks the person out.
func goesOn(kind providers.Kind) bool {
	return kind != providers.KindInvalidAddress
}
