package tables

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"byoe/config"
	"byoe/redact"
)

// account is a storage account and what opens it: a key, a shared access signature, or else the managed identity.
type account struct {
	endpoint  string // without a slash at its end
	name      string // with a key only
	key       redact.Secret
	signature redact.Secret
	clientID  string // of a user-assigned identity
}

// developmentStorage is what UseDevelopmentStorage=true stands for: the emulator's table service, with the account and the
// key that Microsoft publishes for it ("Use the Azurite emulator").
const developmentStorage = "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
	"TableEndpoint=http://127.0.0.1:10002/devstoreaccount1"

// parseConnection reads a connection string ("Configure Azure Storage connection strings"). The SDK's own reader knows
// neither the emulator's short form nor a signature beside a table endpoint.
func parseConnection(setting string, connection redact.Secret) (account, config.Problems) {
	problem := func(what string) (account, config.Problems) {
		return account{}, config.Problems{{Setting: setting, What: what, Remedy: "Copy the connection string from the storage account's page Access keys"}}
	}
	parts := connectionParts(connection.Reveal())
	if strings.EqualFold(parts["usedevelopmentstorage"], "true") {
		parts = connectionParts(developmentStorage)
	}
	a := account{
		endpoint:  tableEndpoint(parts),
		name:      parts["accountname"],
		key:       redact.NewSecret(parts["accountkey"]),
		signature: redact.NewSecret(strings.TrimPrefix(parts["sharedaccesssignature"], "?")),
	}
	_, err := base64.StdEncoding.DecodeString(parts["accountkey"])
	switch {
	case a.endpoint == "":
		return problem("no connection string of a storage account with tables")
	case a.key.IsZero() && a.signature.IsZero():
		return problem("has neither an account key nor a shared access signature")
	case !a.key.IsZero() && (a.name == "" || err != nil):
		return problem("has no account name, or a key that is not base64")
	}
	return a, endpointProblems(setting, a.endpoint)
}

// connectionParts splits "Name=value;Name=value". Names are told apart without regard to case; values keep their "=".
func connectionParts(connection string) map[string]string {
	parts := map[string]string{}
	for part := range strings.SplitSeq(connection, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[strings.ToLower(name)] = value
	}
	return parts
}

func tableEndpoint(parts map[string]string) string {
	if endpoint := parts["tableendpoint"]; endpoint != "" {
		return strings.TrimRight(endpoint, "/")
	}
	if !isAccountName(parts["accountname"]) {
		return ""
	}
	protocol, suffix := parts["defaultendpointsprotocol"], parts["endpointsuffix"]
	if protocol == "" {
		protocol = "https"
	}
	if suffix == "" {
		suffix = "core.windows.net"
	}
	return protocol + "://" + parts["accountname"] + ".table." + suffix
}

// identityAccount takes no plain http at all: the SDK sends a token over https only, to the loopback too.
func identityAccount(setting, endpoint, clientID string) (account, config.Problems) {
	endpoint = strings.TrimRight(endpoint, "/")
	problems := endpointProblems(setting, endpoint)
	if len(problems) == 0 && !strings.HasPrefix(endpoint, "https:") {
		problems = config.Problems{{Setting: setting, What: "not https, which a managed identity's token needs", Remedy: "Give the emulator's connection string in DEDUPE_TABLES_CONNECTION instead"}}
	}
	return account{endpoint: endpoint, clientID: clientID}, problems
}

func namedAccount(setting, name, clientID string) (account, config.Problems) {
	if !isAccountName(name) {
		return account{}, config.Problems{{Setting: setting, What: "no name of a storage account", Remedy: "Give 3 to 24 lower-case letters and digits, without a domain"}}
	}
	return identityAccount(setting, "https://"+name+".table.core.windows.net", clientID)
}

func isAccountName(name string) bool {
	matched, err := regexp.MatchString(`^[a-z0-9]{3,24}$`, name)
	return err == nil && matched
}

// endpointProblems lets plain http pass to this very machine only: the key would not be seen, but claims would be anybody's.
func endpointProblems(setting, endpoint string) config.Problems {
	problem := func(what string) config.Problems {
		return config.Problems{{Setting: setting, What: what, Remedy: "Name a table endpoint such as https://account.table.core.windows.net"}}
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "":
		return problem("not a URL")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return problem("has a user, a query or a fragment in its URL")
	case u.Scheme != "https" && (u.Scheme != "http" || !config.IsLoopback(u.Hostname())):
		return problem("not https (plain http is for loopback only)")
	}
	return nil
}

// open makes the SDK's client. The identity is nil where none is needed.
func (a account) open(options *aztables.ClientOptions) (*aztables.ServiceClient, *identity, error) {
	switch {
	case !a.key.IsZero():
		key, err := aztables.NewSharedKeyCredential(a.name, a.key.Reveal())
		if err != nil {
			return nil, nil, err
		}
		client, err := aztables.NewServiceClientWithSharedKey(a.endpoint, key, options)
		return client, nil, err
	case !a.signature.IsZero():
		client, err := aztables.NewServiceClientWithNoCredential(a.endpoint+"/?"+a.signature.Reveal(), options)
		return client, nil, err
	default:
		id, err := newIdentity(a.clientID)
		if err != nil {
			return nil, nil, err
		}
		client, err := aztables.NewServiceClient(a.endpoint, id, options)
		return client, id, err
	}
}
