package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"byoe/cli"
)

func TestNotices(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if err := cli.Run(t.Context(), []string{"notices"}, nil, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"## github.com/golang-jwt/jwt/v5 ", "## Go, standard library\n", "Permission is hereby granted"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}
