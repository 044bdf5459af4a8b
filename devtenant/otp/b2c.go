package otp

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"byoe/config"
)

// The metadata items of the technical profile that generates codes.
const (
	itemExpiration         = "CodeExpirationInSeconds"
	itemCodeLength         = "CodeLength"
	itemCharacterSet       = "CharacterSet"
	itemRetryAttempts      = "NumRetryAttempts"
	itemGenerationAttempts = "NumCodeGenerationAttempts"
	itemReuse              = "ReuseSameCode"
	itemOperation          = "Operation"
)

// B2C's bounds of CodeExpirationInSeconds.
const (
	minB2CSeconds = 60
	maxB2CSeconds = 1200
)

// generateCode is the operation whose profile has the knobs; VerifyCode's has none.
const generateCode = "GenerateCode"

// items is the metadata of a technical profile while it is read.
type items struct {
	values   map[string]string
	problems config.Problems
}

// ParseB2C reads the metadata items of a technical profile whose Operation is GenerateCode, by B2C's names and within
// B2C's bounds, so that a policy can be tried here as it is. An item that is left out has B2C's default. A name that the
// technical profile does not know is a problem: a misspelled NumRetryAttempts must not read as the default. With problems
// comes the zero Profile.
func ParseB2C(metadata map[string]string) (Profile, config.Problems) {
	in := &items{values: metadata}
	p := B2C()
	in.operation()
	p.Expiration = time.Duration(in.seconds(int(p.Expiration/time.Second))) * time.Second
	p.CodeLength = in.number(itemCodeLength, p.CodeLength)
	if set, ok := in.get(itemCharacterSet); ok {
		p.CharacterSet = set
	}
	p.RetryAttempts = in.number(itemRetryAttempts, p.RetryAttempts)
	p.CodeGenerationAttempts = in.number(itemGenerationAttempts, p.CodeGenerationAttempts)
	p.ReuseSameCode = in.boolean(itemReuse)
	in.refuseOthers()
	if problems := in.problems.And(p.Validate()); len(problems) > 0 {
		return Profile{}, problems
	}
	return p, nil
}

// get returns an item without the white space that XML leaves around it.
func (i *items) get(name string) (value string, ok bool) {
	value, ok = i.values[name]
	return strings.TrimSpace(value), ok
}

func (i *items) complain(name, what, remedy string) {
	i.problems = append(i.problems, config.Problem{Setting: name, What: what, Remedy: remedy})
}

func (i *items) operation() {
	value, ok := i.get(itemOperation)
	switch {
	case !ok:
		i.complain(itemOperation, "not set", "Give "+generateCode)
	case value != generateCode:
		i.complain(itemOperation, "not "+generateCode, "Give the items of the profile that generates codes; that which verifies them has none")
	}
}

func (i *items) seconds(fallback int) int {
	seconds := i.number(itemExpiration, fallback)
	if seconds < minB2CSeconds || seconds > maxB2CSeconds {
		i.complain(itemExpiration, "not between 60 and 1200 seconds", "Give a number of seconds such as 600")
		return fallback
	}
	return seconds
}

func (i *items) number(name string, fallback int) int {
	value, ok := i.get(name)
	if !ok {
		return fallback
	}
	number, err := strconv.Atoi(value)
	if err != nil {
		i.complain(name, "not a whole number", "Give one, such as "+strconv.Itoa(fallback))
		return fallback
	}
	return number
}

func (i *items) boolean(name string) bool {
	value, ok := i.get(name)
	if ok && value != "true" && value != "false" {
		i.complain(name, "neither true nor false", "Give one of them")
	}
	return value == "true"
}

// refuseOthers complains about every item that the technical profile does not know.
func (i *items) refuseOthers() {
	known := []string{itemExpiration, itemCodeLength, itemCharacterSet, itemRetryAttempts, itemGenerationAttempts, itemReuse, itemOperation}
	for _, name := range slices.Sorted(maps.Keys(i.values)) {
		if !slices.Contains(known, name) {
			i.complain(name, "no item of this technical profile",
				"Give "+strings.Join(known, ", ")+"; messages belong to the self-asserted profile")
		}
	}
}
