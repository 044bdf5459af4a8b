package otp

import (
	"fmt"
	"time"

	"byoe/config"
)

// The bounds of a profile. B2C has narrower ones for the expiration ([ParseB2C]) and publishes none for the counts; ours
// keep a slip of the keyboard from making codes that cannot be typed, or that can be guessed.
const (
	minExpiration = time.Second
	maxExpiration = 24 * time.Hour
	minCodeLength = 4
	maxCodeLength = 20
	maxAttempts   = 100
	maxSession    = 90 * 24 * time.Hour
	// safety is how many times more codes there must be than guesses: a guesser has at best one chance in a hundred before
	// the identifier is left in peace.
	safety = 100
)

// Profile says what codes look like and how long and how often they may be tried.
type Profile struct {
	// Expiration is how long a code lives, from the moment when it was last given; the lock-out is as long.
	Expiration time.Duration
	// CodeLength is the number of characters in a code.
	CodeLength int
	// CharacterSet is what a regular expression has between the brackets of a class, such as a-z0-9.
	CharacterSet string
	// RetryAttempts is how many tries a code has.
	RetryAttempts int
	// CodeGenerationAttempts is how many codes an identifier gets until none was given for as long as a code lives, or one
	// was verified.
	CodeGenerationAttempts int
	// ReuseSameCode gives a session the same code again as long as it can be verified. It lives longer then, but has no
	// more tries.
	ReuseSameCode bool
	// Session is how long a verified sign-in lasts, which is the caller's to see to; 0 leaves it to the caller.
	Session time.Duration
}

// ExternalID is how Entra External ID's own codes are: eight digits for half an hour, and a code that is sent again takes
// the earlier one's place (learn.microsoft.com, native authentication). Microsoft does not say how many tries there are;
// the counts are B2C's.
func ExternalID() Profile {
	p := B2C()
	p.CodeLength, p.Expiration = 8, 30*time.Minute
	return p
}

// B2BGuest is how the codes of guests in a workforce tenant are: as External ID's, and a sign-in lasts a day
// (learn.microsoft.com, "Email one-time passcode authentication for B2B guest users").
func B2BGuest() Profile {
	p := ExternalID()
	p.Session = 24 * time.Hour
	return p
}

// B2C is the one-time-password technical profile with every item left out.
func B2C() Profile {
	return Profile{
		Expiration:             10 * time.Minute,
		CodeLength:             6,
		CharacterSet:           "0-9",
		RetryAttempts:          5,
		CodeGenerationAttempts: 10,
	}
}

// Validate returns everything that is wrong with the profile, under B2C's names for what B2C has a name for.
func (p Profile) Validate() config.Problems {
	characters, problems := parseCharacterSet(p.CharacterSet)
	checks := []struct {
		bad                   bool
		setting, what, remedy string
	}{
		{
			p.Expiration < minExpiration || p.Expiration > maxExpiration, itemExpiration,
			"shorter than a second or longer than a day", "Give a time such as ten minutes",
		},
		{
			p.CodeLength < minCodeLength || p.CodeLength > maxCodeLength, itemCodeLength,
			fmt.Sprintf("not between %d and %d", minCodeLength, maxCodeLength), "Give a number such as 6",
		},
		{
			p.RetryAttempts < 1 || p.RetryAttempts > maxAttempts, itemRetryAttempts,
			fmt.Sprintf("not between 1 and %d", maxAttempts), "Give a number such as 5",
		},
		{
			p.CodeGenerationAttempts < 1 || p.CodeGenerationAttempts > maxAttempts, itemGenerationAttempts,
			fmt.Sprintf("not between 1 and %d", maxAttempts), "Give a number such as 10",
		},
		{
			p.Session < 0 || p.Session > maxSession, "Session",
			"negative or longer than 90 days", "Give a time such as a day, or 0",
		},
	}
	for _, check := range checks {
		if check.bad {
			problems = append(problems, config.Problem{Setting: check.setting, What: check.what, Remedy: check.remedy})
		}
	}
	if len(problems) == 0 && p.guessable(len(characters)) {
		problems = config.Problems{{
			Setting: itemCodeLength, What: "codes are too short for so many tries and codes",
			Remedy: "Give longer codes, more characters, or fewer tries",
		}}
	}
	return problems
}

// guessable says whether there are too few codes for the guesses that the profile allows.
func (p Profile) guessable(characters int) bool {
	wanted := p.RetryAttempts * p.CodeGenerationAttempts * safety
	codes := 1
	for range p.CodeLength {
		codes *= characters
		if codes >= wanted { // the number of all codes may be too large for an int
			return false
		}
	}
	return true
}
