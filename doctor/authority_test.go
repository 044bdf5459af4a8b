package doctor_test

import (
	"net/http"
	"testing"

	"byoe/auth"
	"byoe/doctor"
)

func TestAuthority(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change           func(*issuer)
		config           func(*auth.Config)
		metadata         doctor.Verdict
		keys             doctor.Verdict
		evidence, remedy string
	}{
		"in order":         {nil, nil, doctor.OK, doctor.OK, "1 key that RS256 can use", ""},
		"known issuer":     {func(i *issuer) { i.name = "https://" + tenantID + ".ciamlogin.com/" + tenantID + "/v2.0" }, nil, doctor.OK, doctor.OK, "ciamlogin.com", ""},
		"other issuer":     {func(i *issuer) { i.name = "https://contoso.ciamlogin.com/" + tenantID + "/v2.0" }, nil, doctor.Warn, doctor.OK, "neither the authority", "ENTRA_ISSUERS"},
		"in ENTRA_ISSUERS": {func(i *issuer) { i.name = "https://contoso.ciamlogin.com/" + tenantID + "/v2.0" }, func(c *auth.Config) { c.Issuers = []string{"https://contoso.ciamlogin.com/" + tenantID + "/v2.0"} }, doctor.OK, doctor.OK, "contoso", ""},
		"other tenant":     {func(i *issuer) { i.name = "https://login.example/22222222-2222-3333-4444-555555555555/v2.0" }, nil, doctor.Fail, doctor.Skip, "not of the tenant " + tenantID, "ENTRA_TENANT_ID"},
		"status":           {func(i *issuer) { i.status = http.StatusBadRequest }, nil, doctor.Fail, doctor.Skip, "status 400", "ENTRA_AUTHORITY"},
		"nobody there":     {func(i *issuer) { i.server.Close() }, nil, doctor.Fail, doctor.Skip, "connection refused", "reach that host"},
		"stranger's keys":  {func(i *issuer) { i.jwksURI = "https://evil.example/keys" }, nil, doctor.OK, doctor.Fail, "jwks_uri is on another host", "jwks_uri names"},
		"no keys":          {func(i *issuer) { i.keys = map[string]any{"keys": []any{}} }, nil, doctor.OK, doctor.Fail, "no usable key", "503"},
		"not JSON":         {func(i *issuer) { i.keys = "hello" }, nil, doctor.OK, doctor.Fail, "not the JSON", "503"},
		"for encryption":   {func(i *issuer) { i.keys = map[string]any{"keys": []any{i.jwk("k1", "enc")}} }, nil, doctor.OK, doctor.Fail, "none that RS256", "ENTRA_AUTHORITY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t, tt.change)
			c := i.config()
			if tt.config != nil {
				tt.config(&c)
			}
			results := doctor.Run(t.Context(), doctor.Authority(c, nil))
			metadata, keys := find(t, results, "metadata"), find(t, results, "keys")
			want(t, metadata, tt.metadata, "", "")
			want(t, keys, tt.keys, "", "")
			told := keys
			if tt.metadata != doctor.OK || tt.keys == doctor.OK && name != "in order" {
				told = metadata
			}
			want(t, told, told.Verdict, tt.evidence, tt.remedy)
		})
	}
}

// Two tenants are told apart.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	c := newIssuer(t, nil).config()
	c.TenantIDs = append(c.TenantIDs, "22222222-2222-3333-4444-555555555555")
	results := doctor.Run(t.Context(), doctor.Authority(c, nil))
	want(t, results[0], doctor.OK, "tenant "+tenantID, "")
	want(t, results[1], doctor.Fail, "tenant 22222222-2222-3333-4444-555555555555: cannot be had", "")
}
