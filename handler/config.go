package handler

import "byoe/config"

// Config is what the owner says about the endpoint.
type Config struct {
	AllowedApps       []string `env:"ENTRA_ALLOWED_APPS" desc:"Client ids of the applications that may ask for codes, comma-separated; all where empty"`
	AllowedExtensions []string `env:"ENTRA_ALLOWED_EXTENSIONS" desc:"Ids of the custom authentication extensions that may call, comma-separated; all where empty"`
	HealthDetails     bool     `env:"HEALTH_DETAILS" envDefault:"false" desc:"Let GET /api/Health name its checks"`
}

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	return append(guidProblems("ENTRA_ALLOWED_APPS", c.AllowedApps), guidProblems("ENTRA_ALLOWED_EXTENSIONS", c.AllowedExtensions)...)
}

func guidProblems(setting string, ids []string) config.Problems {
	for _, id := range ids {
		if !config.IsGUID(id) {
			return config.Problems{{Setting: setting, What: "not a list of GUIDs", Remedy: "Give the ids as the Entra admin center shows them, comma-separated"}}
		}
	}
	return nil
}
