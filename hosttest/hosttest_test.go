package hosttest_test

import (
	"testing"

	"go.uber.org/goleak"

	"byoe/hosttest/probe"
)

func TestMain(m *testing.M) {
	probe.Main()
	goleak.VerifyTestMain(m)
}
