package conformance_test

import (
	"testing"

	"go.uber.org/goleak"

	"byoe/devtenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a tenant on free ports that is closed at the end of the test.
func start(t *testing.T) *devtenant.Tenant {
	t.Helper()
	tenant, err := devtenant.Start(t.Context(), devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := tenant.Close()
		if err != nil {
			t.Errorf("closing the tenant: %v", err)
		}
	})
	return tenant
}
