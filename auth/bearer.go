package auth

import "strings"

// maxToken bounds a token in bytes. Entra's are below 2 KiB; the bound keeps a stranger from making us decode more.
const maxToken = 16 << 10

// bearer takes the one token out of the values of the Authorization header. Two headers, or two tokens in one, are
// refused: a front door may have checked the other one.
func bearer(authorization []string) (string, *Refusal) {
	if len(authorization) != 1 {
		return "", refuse(CheckScheme)
	}
	scheme, token, found := strings.Cut(authorization[0], " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return "", refuse(CheckScheme)
	}
	if token == "" || strings.ContainsAny(token, " ,\t") {
		return "", refuse(CheckScheme)
	}
	if len(token) > maxToken {
		return "", refuse(CheckSize)
	}
	return token, nil
}
