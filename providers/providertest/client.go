package providertest

import (
	"net/http"
	"testing"

	"byoe/providers/httpclient"
)

// Client returns the client that HTTP providers share in production, for one test.
func Client(t *testing.T) *http.Client {
	t.Helper()
	client := httpclient.New()
	t.Cleanup(client.CloseIdleConnections)
	return client
}
