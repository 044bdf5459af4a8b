package graph

import (
	"errors"
	"fmt"
	"net/url"

	"byoe/config"
)

// Cloud is where a tenant lives.
type Cloud struct {
	// Name is public or usgov, or another word where the endpoints are somebody's own.
	Name string
	// Endpoint is Graph's address without a path, such as https://graph.microsoft.com; its scope is Endpoint + "/.default".
	Endpoint string
	// Login is the authority's address, such as https://login.microsoftonline.com.
	Login string
	// Resources is Azure Resource Manager's address, such as https://management.azure.com.
	Resources string
}

// Public is the public cloud.
func Public() Cloud {
	return Cloud{"public", "https://graph.microsoft.com", "https://login.microsoftonline.com", "https://management.azure.com"}
}

// USGovernment is the cloud of the United States' government (GCC High; IL4). The EmailOtpSend event does not exist there.
func USGovernment() Cloud {
	return Cloud{"usgov", "https://graph.microsoft.us", "https://login.microsoftonline.us", "https://management.usgovcloudapi.net"}
}

// CloudNamed returns the cloud of that name, "" being the public one.
func CloudNamed(name string) (Cloud, error) {
	switch name {
	case "", Public().Name:
		return Public(), nil
	case USGovernment().Name:
		return USGovernment(), nil
	default:
		return Cloud{}, fmt.Errorf("no such cloud: %q; there are %s and %s", name, Public().Name, USGovernment().Name)
	}
}

// checkEndpoint refuses an address that is more than scheme and host, or where a token would travel in the clear.
func checkEndpoint(endpoint string) (plain bool, err error) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || endpoint != u.Scheme+"://"+u.Host:
		return false, errors.New("graph: the endpoint is not an address such as https://graph.microsoft.com, without a path")
	case u.Scheme == "http" && config.IsLoopback(u.Hostname()):
		return true, nil
	case u.Scheme != "https":
		return false, errors.New("graph: the endpoint is not https (plain http is for loopback only)")
	}
	return false, nil
}
