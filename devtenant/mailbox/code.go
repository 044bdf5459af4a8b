package mailbox

// The lengths of a one-time code: Entra's samples have eight digits, other senders use as few as four.
const (
	minCodeDigits = 4
	maxCodeDigits = 8
)

// firstCode returns the first run of 4 to 8 ASCII digits in the first text that has one. A longer run is no code.
func firstCode(texts ...string) string {
	for _, text := range texts {
		start := 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) && '0' <= text[i] && text[i] <= '9' {
				continue
			}
			if digits := i - start; digits >= minCodeDigits && digits <= maxCodeDigits {
				return text[start:i]
			}
			start = i + 1
		}
	}
	return ""
}
