package guests

import (
	"net/url"

	"byoe/entra/graph"
)

// Link is an address at which a guest signs in to one directory.
type Link struct {
	What string `json:"what"`
	URL  string `json:"url"`
}

// Links are the addresses that name the directory (learn.microsoft.com, Email one-time passcode authentication). Without it
// a guest is taken for somebody of a directory that does not know them, unless they choose Sign-in options and name yours.
func Links(d graph.Directory, cloud graph.Cloud) []Link {
	links := []Link{{"My Apps", Home(d.ID, cloud)}}
	for _, domain := range d.VerifiedDomains {
		links = append(links, Link{"My Apps, by verified domain", myApps(cloud) + "/" + url.PathEscape(domain.Name)})
	}
	return append(links, Link{"Azure portal", portal(cloud) + "/" + url.PathEscape(d.ID)})
}

// Home is where a guest ends up who has redeemed an invitation and was invited to nothing else.
func Home(tenantID string, cloud graph.Cloud) string {
	return myApps(cloud) + "/?tenantid=" + url.QueryEscape(tenantID)
}

func myApps(cloud graph.Cloud) string {
	if cloud.Name == graph.USGovernment().Name {
		return "https://myapps.microsoft.us"
	}
	return "https://myapps.microsoft.com"
}

func portal(cloud graph.Cloud) string {
	if cloud.Name == graph.USGovernment().Name {
		return "https://portal.azure.us"
	}
	return "https://portal.azure.com"
}
