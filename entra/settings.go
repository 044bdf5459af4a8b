package entra

// Setting is one of the webhook's.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Settings are those of the webhook that belong to a wiring: whose events it takes, for whom tokens are made, and the one
// extension that may call. The third refuses what another extension of the tenant, made by whoever may make one, would have
// it mail.
func Settings(w Wiring) []Setting {
	settings := []Setting{{"ENTRA_TENANT_ID", w.Tenant.ID}}
	if w.Application != nil {
		settings = append(settings, Setting{"ENTRA_AUDIENCE", w.Application.AppID})
	}
	if w.Extension != nil {
		settings = append(settings, Setting{"ENTRA_ALLOWED_EXTENSIONS", w.Extension.ID})
	}
	return settings
}
