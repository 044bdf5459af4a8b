package devtenant

import (
	"strings"

	"byoe/config"
)

// RefusedInAzure returns a [config.Problem] where the environment is Azure's, nil elsewhere. A tenant whose keys are in
// this process and whose tokens anybody may ask for must never stand beside a real webhook.
func RefusedInAzure(environ map[string]string) error {
	if sign := firstSet(environ, append(appServiceSigns(), "IDENTITY_ENDPOINT", "MSI_ENDPOINT")); sign != "" {
		return config.Problem{
			Setting: "DEV_TENANT",
			What:    "the local tenant does not start in Azure, and " + sign + " says that this is Azure",
			Remedy: "Remove DEV_TENANT from the app's settings and name your own tenant in ENTRA_TENANT_ID and " +
				"ENTRA_AUDIENCE; on your own machine, unset " + sign,
		}
	}
	return nil
}

// AppServiceSign is the variable by which the environment shows itself to be the sandbox of an app in Azure; "" where none does.
// A managed identity alone is no such sign: Cloud Shell has one.
func AppServiceSign(environ map[string]string) string { return firstSet(environ, appServiceSigns()) }

// appServiceSigns are variables that App Service, Functions (every plan, Legion being Flex Consumption's) and Container Apps
// set. CONTAINER_NAME and WEBSITE_HOSTNAME are not among them: dev containers and Core Tools set these too.
func appServiceSigns() []string {
	return []string{
		"WEBSITE_INSTANCE_ID",
		"WEBSITE_SITE_NAME",
		"WEBSITE_SKU",
		"WEBSITE_OWNER_NAME",
		"WEBSITE_POD_NAME",
		"WEBSITE_HOME_STAMPNAME",
		"LEGION_SERVICE_HOST",
		"CONTAINER_APP_NAME",
	}
}

// firstSet is the first of the names that is set; "" where none is.
func firstSet(environ map[string]string, names []string) string {
	for _, name := range names {
		if isSet(environ, name) {
			return name
		}
	}
	return ""
}

// isSet compares names without regard to case, as Windows does.
func isSet(environ map[string]string, name string) bool {
	for key, value := range environ {
		if value != "" && strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}
