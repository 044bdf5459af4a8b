package app

import (
	"slices"

	"byoe/b2c"
	"byoe/b2c/credential"
	"byoe/config"
	"byoe/handler"
	"byoe/message"
)

// composes makes the composer of a kind of mail: one for good, or one that follows a developer's edits.
type composes func(message.Config) (handler.Composer, error)

// prepared makes a composer for good.
func prepared(c message.Config) (handler.Composer, error) {
	composer, problems := message.NewComposer(c)
	if len(problems) > 0 {
		return nil, problems
	}
	return composer, nil
}

// openB2C returns what the endpoint for Azure AD B2C's policies needs, and what keeps its tokens' keys at hand; nil where
// the owner gave no credential, and then there is no such endpoint.
func (s *Settings) openB2C(compose composes) (*handler.B2C, *credential.Checker, error) {
	if !s.B2CCallers.Configured() {
		return nil, nil, nil
	}
	checker, err := credential.New(s.B2CCallers, nil)
	if err != nil {
		return nil, nil, err
	}
	letter := s.Message
	letter.Validity = s.B2C.Validity // a code of B2C's lives for another time than Entra's
	composer, err := compose(letter)
	if err != nil {
		return nil, nil, err
	}
	messages, err := b2c.LoadMessages(s.Message.DefaultLocale)
	if err != nil {
		return nil, nil, err
	}
	return &handler.B2C{Credentials: checker, Claims: b2c.NewDecoder(s.B2C), Composer: composer, Messages: messages}, checker, nil
}

// TakesEvents says whether Entra External ID calls: always, but where the owner gave a credential for B2C's policies and
// nothing about an External ID tenant.
func (s *Settings) TakesEvents() bool {
	return len(s.Auth.TenantIDs) > 0 || len(s.Auth.Audiences) > 0 || !s.B2CCallers.Configured()
}

// validateCallers checks what is said of those who may call.
func (s *Settings) validateCallers() config.Problems {
	problems := slices.Concat(s.B2C.Validate(), s.B2CCallers.Validate())
	if s.TakesEvents() {
		problems = append(problems, s.Auth.Validate()...)
	}
	return problems
}
