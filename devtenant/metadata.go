package devtenant

import "net/http"

// metadata is the OpenID Connect discovery document with the members that a CIAM tenant's has. Endpoints that only a
// browser needs are named, because strict clients want them, and not there yet.
type metadata struct {
	TokenEndpoint         string   `json:"token_endpoint"`
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	KeysURI               string   `json:"jwks_uri"`
	ResponseModes         []string `json:"response_modes_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	SigningAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	Scopes                []string `json:"scopes_supported"`
	Issuer                string   `json:"issuer"`
	RequestURISupported   bool     `json:"request_uri_parameter_supported"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	LogoutSupported       bool     `json:"http_logout_supported"`
	FrontLogoutSupported  bool     `json:"frontchannel_logout_supported"`
	EndSessionEndpoint    string   `json:"end_session_endpoint"`
	Claims                []string `json:"claims_supported"`
	TenantRegionScope     *string  `json:"tenant_region_scope"`
	CloudInstanceName     string   `json:"cloud_instance_name"`
}

// serveMetadata answers the discovery endpoint.
func (t *Tenant) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	base := t.url + "/" + t.tenantID
	writeJSON(w, http.StatusOK, metadata{
		TokenEndpoint:         base + "/oauth2/v2.0/token",
		TokenAuthMethods:      []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		KeysURI:               base + "/discovery/v2.0/keys",
		ResponseModes:         []string{"query", "fragment", "form_post"},
		SubjectTypes:          []string{"pairwise"},
		SigningAlgorithms:     []string{keyAlgorithm},
		ResponseTypes:         []string{"code", "id_token", "code id_token", "id_token token"},
		Scopes:                []string{"openid", "profile", "email", "offline_access"},
		Issuer:                t.Authority(),
		AuthorizationEndpoint: base + "/oauth2/v2.0/authorize",
		LogoutSupported:       true,
		FrontLogoutSupported:  true,
		EndSessionEndpoint:    base + "/oauth2/v2.0/logout",
		Claims: []string{
			"sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash",
			"c_hash", "email",
		},
		CloudInstanceName: "localhost",
	})
}
