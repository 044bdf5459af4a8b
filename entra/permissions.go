package entra

// Permissions are the least of Microsoft Graph's that a command needs, delegated or of an application. A person needs a role
// beside: Authentication Extensibility Administrator and Cloud Application Administrator do for everything but the consent,
// which takes Privileged Role Administrator.
func Permissions(command string) []string {
	const (
		tenant     = "Organization.Read.All"
		extensions = "CustomAuthenticationExtension.Read.All"
		listeners  = "EventListener.Read.All"
		read       = "Application.Read.All"
	)
	switch command {
	case "apply", "adopt", "remove":
		return []string{
			tenant, "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All",
			"CustomAuthenticationExtension.ReadWrite.All", "EventListener.ReadWrite.All",
		}
	case "off", "on":
		return []string{tenant, read, extensions, "EventListener.ReadWrite.All"}
	default:
		return []string{tenant, read, extensions, listeners}
	}
}
