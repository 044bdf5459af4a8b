package config_test

import (
	"testing"

	"byoe/config"
)

func TestIsGUID(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"99045fe1-7639-4a75-9d4a-577b6ca3810f":  true,
		"FFFF5F5F-AA6A-BB7B-CC8C-DDDDDD9D9D9D":  true,
		"":                                      false,
		"contoso":                               false,
		"99045fe1-7639-4a75-9d4a-577b6ca3810":   false,
		"99045fe1-7639-4a75-9d4a-577b6ca3810f0": false,
		"99045fe1-7639-4a75-9d4a-577b6ca3810g":  false,
		"99045fe1x7639-4a75-9d4a-577b6ca3810f":  false,
		"99045fe176-39-4a75-9d4a-577b6ca3810f":  false,
		"/9045fe1-7639-4a75-9d4a-577b6ca3810f":  false,
	} {
		if got := config.IsGUID(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "10.0.0.1": false, "::": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false,
	} {
		if got := config.IsLoopback(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}
