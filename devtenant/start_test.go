package devtenant_test

import (
	"errors"
	"go/parser"
	"go/token"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/config"
	"byoe/devtenant"
	"byoe/redact"
)

func TestAzureIsRefused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		environ map[string]string
		refused bool
	}{
		{"nothing", nil, false},
		{"App Service", map[string]string{"WEBSITE_INSTANCE_ID": "x"}, true},
		{"a site name", map[string]string{"WEBSITE_SITE_NAME": "x"}, true},
		{"a plan", map[string]string{"WEBSITE_SKU": "FlexConsumption"}, true},
		{"an owner", map[string]string{"WEBSITE_OWNER_NAME": "x"}, true},
		{"a pod", map[string]string{"WEBSITE_POD_NAME": "x"}, true},
		{"a stamp", map[string]string{"WEBSITE_HOME_STAMPNAME": "x"}, true},
		{"Flex Consumption", map[string]string{"LEGION_SERVICE_HOST": "x"}, true},
		{"Container Apps", map[string]string{"CONTAINER_APP_NAME": "x"}, true},
		{"a managed identity", map[string]string{"IDENTITY_ENDPOINT": "http://127.0.0.1/"}, true},
		{"an older managed identity", map[string]string{"MSI_ENDPOINT": "http://127.0.0.1/"}, true},
		{"Windows writes names in any case", map[string]string{"Website_Site_Name": "x"}, true},
		{"an empty variable is none", map[string]string{"WEBSITE_SITE_NAME": ""}, false},
		{"Core Tools", map[string]string{
			"WEBSITE_HOSTNAME": "localhost:7071", "FUNCTIONS_CORETOOLS_ENVIRONMENT": "true",
			"FUNCTIONS_WORKER_RUNTIME": "custom", "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
		}, false},
		{"a dev container", map[string]string{"CONTAINER_NAME": "x"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := devtenant.RefusedInAzure(c.environ)
			if (err != nil) != c.refused {
				t.Fatalf("got %v", err)
			}
			tenant, startErr := devtenant.Start(t.Context(), anywhere(), c.environ)
			if (startErr != nil) != c.refused {
				t.Errorf("Start: %v", startErr)
			}
			if startErr == nil {
				closeTenant(t, tenant)
				return
			}
			problem, isProblem := errors.AsType[config.Problem](startErr)
			if !isProblem || problem.Setting != "DEV_TENANT" || problem.Remedy == "" {
				t.Errorf("not a problem with a remedy: %v", startErr)
			}
		})
	}
}

// anywhere is a tenant on free ports.
func anywhere() devtenant.Options {
	return devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: "127.0.0.1:0"}
}

func closeTenant(t *testing.T, tenant *devtenant.Tenant) {
	t.Helper()
	err := tenant.Close()
	if err != nil {
		t.Errorf("closing: %v", err)
	}
}

func TestOnlyTheLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{
		"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", "127.0.0.1.example.com:0", "",
	} {
		for _, setting := range []string{"DEV_TENANT_ADDR", "DEV_MAILBOX_ADDR"} {
			if addr == "" { // the default
				continue
			}
			options := anywhere()
			if setting == "DEV_TENANT_ADDR" {
				options.Addr = addr
			} else {
				options.MailboxAddr = addr
			}
			tenant, err := devtenant.Start(t.Context(), options, nil)
			if err == nil {
				closeTenant(t, tenant)
			}
			problem, isProblem := errors.AsType[config.Problem](err)
			if !isProblem || problem.Setting != setting || problem.Remedy == "" {
				t.Errorf("%s=%q: %v", setting, addr, err)
			}
			if err != nil && strings.Contains(problem.What, "192.0.2.1") {
				t.Errorf("the problem quotes the value: %v", err)
			}
		}
	}
	options := anywhere()
	options.Addr = "localhost:0"
	tenant, err := devtenant.Start(t.Context(), options, nil)
	if err != nil {
		t.Fatalf("localhost: %v", err)
	}
	defer closeTenant(t, tenant)
	parsed, err := url.Parse(tenant.URL())
	if err != nil || !net.ParseIP(parsed.Hostname()).IsLoopback() {
		t.Errorf("localhost became %s", tenant.URL())
	}
}

func TestATakenPort(t *testing.T) {
	t.Parallel()
	first := start(t)
	parsed, err := url.Parse(first.URL())
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		setting, addr string
		options       devtenant.Options
	}{
		{"DEV_TENANT_ADDR", parsed.Host, devtenant.Options{Addr: parsed.Host, MailboxAddr: "127.0.0.1:0"}},
		{
			"DEV_MAILBOX_ADDR", first.MailboxAddr(),
			devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: first.MailboxAddr()},
		},
	}
	for _, c := range cases {
		_, err := devtenant.Start(t.Context(), c.options, nil)
		problem, isProblem := errors.AsType[config.Problem](err)
		if !isProblem || problem.Setting != c.setting {
			t.Fatalf("%s: %v", c.setting, err)
		}
		want := "cannot listen on " + c.addr + ": " + syscall.EADDRINUSE.Error()
		if problem.What != want {
			t.Errorf("%s: %q, want %q", c.setting, problem.What, want)
		}
		if !strings.Contains(problem.Remedy, c.setting) {
			t.Errorf("%s: %q does not name the setting", c.setting, problem.Remedy)
		}
	}
}

func TestAFailedStartFreesItsPort(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	_, err := devtenant.Start(t.Context(), devtenant.Options{Addr: addr, MailboxAddr: "0.0.0.0:0"}, nil)
	if err == nil {
		t.Fatal("started")
	}
	tenant, err := devtenant.Start(t.Context(), devtenant.Options{Addr: addr, MailboxAddr: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatalf("the port is still taken: %v", err)
	}
	closeTenant(t, tenant)
}

// freeAddr returns an address that was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	err = listener.Close()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

func TestATenantIDMustBeAGUID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"contoso", "../..", "11111111-2222-3333-4444-55555555555g", "11111111222233334444555555555555",
		"11111111-2222-3333-4444-555555555555,66666666-2222-3333-4444-555555555555", "11111111-2222-3333-44440555555555555",
	} {
		options := anywhere()
		options.TenantID = id
		tenant, err := devtenant.Start(t.Context(), options, nil)
		if err == nil {
			closeTenant(t, tenant)
		}
		problem, isProblem := errors.AsType[config.Problem](err)
		if !isProblem || problem.Setting != "ENTRA_TENANT_ID" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	options := anywhere()
	options.TenantID = "11111111-2222-3333-4444-ABCDEF555555"
	options.Audience = "99999999-2222-3333-4444-555555555555"
	options.B2C.Key = redact.NewSecret("given-0123456789abcdef0123456789")
	tenant, err := devtenant.Start(t.Context(), options, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeTenant(t, tenant)
	host, port, err := net.SplitHostPort(tenant.MailboxAddr())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"ENTRA_TENANT_ID": options.TenantID,
		"ENTRA_AUDIENCE":  options.Audience,
		"ENTRA_AUTHORITY": tenant.URL() + "/" + options.TenantID + "/v2.0",
		"MAIL_PROVIDERS":  "smtp,sendgrid",
		"MAIL_FROM":       devtenant.MailFrom,
		"SMTP_HOST":       host,
		"SMTP_PORT":       port,
		"SMTP_TLS":        "none",
		"SMTP_AUTH":       "none",
		"B2C_API_KEYS":    "given-0123456789abcdef0123456789",

		"SENDGRID_API_KEY":  "SG.local-tenant",
		"SENDGRID_BASE_URL": tenant.URL() + "/sendgrid",
	}
	if diff := cmp.Diff(want, tenant.Settings()); diff != "" {
		t.Error(diff)
	}
}

func TestCloseTwice(t *testing.T) {
	t.Parallel()
	tenant, err := devtenant.Start(t.Context(), anywhere(), nil)
	if err != nil {
		t.Fatal(err)
	}
	closeTenant(t, tenant)
	closeTenant(t, tenant)
}

// TestIndependence keeps the stand-in from sharing code with what it stands in for: both would then be wrong together.
func TestIndependence(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{
		"byoe/redact": true, "byoe/config": true, "byoe/devtenant": true, "byoe/devtenant/mailbox": true,
		"byoe/devtenant/otp": true, "byoe/devtenant/conformance": true, "byoe/internal/require": true, "byoe/internal/browsertest": true,
	}
	for _, folder := range []string{".", "mailbox", "otp", "conformance"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(names), err)
		}
		for _, name := range names {
			for _, path := range imports(t, name) {
				if strings.HasPrefix(path, "byoe/") && !allowed[path] {
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
}

// imports returns what a file imports.
func imports(t *testing.T, name string) []string {
	t.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	paths := make([]string, 0, len(file.Imports))
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}
