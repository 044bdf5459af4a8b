package ses_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byoe/internal/require"
	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/redact"
)

// TestEmulator sends to an emulator of SES that checks requests against its own idea of the API, and reads the mail back.
func TestEmulator(t *testing.T) {
	program := filepath.Join(os.Getenv("BYOE_NODE_MODULES"), ".bin", "aws-ses-v2-local")
	require.Component(t, "aws-ses-v2-local", func() error {
		if os.Getenv("BYOE_NODE_MODULES") == "" {
			return errors.New("BYOE_NODE_MODULES does not name a folder with aws-ses-v2-local@2.10.2")
		}
		_, err := os.Stat(program)
		return err
	})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	_, port, _ := net.SplitHostPort(address)
	emulator := exec.CommandContext(t.Context(), program, "--host", "127.0.0.1", "--port", port)
	emulator.WaitDelay = 2 * time.Second
	if err := emulator.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = emulator.Wait() }()
	defer func() { _ = emulator.Process.Kill() }()
	stored := func() string {
		res, err := http.Get("http://" + address + "/store") //nolint:noctx // the test ends soon
		if err != nil {
			return ""
		}
		defer func() { _ = res.Body.Close() }()
		body, _ := io.ReadAll(res.Body)
		return string(body)
	}
	for deadline := time.Now().Add(20 * time.Second); stored() == ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the emulator does not answer")
		}
	}
	s := providertest.Submission(1)
	s.Message.From.Name = "Überprüfung, 確認"
	receipt, err := connect(t, testConfig(address)).Send(t.Context(), s)
	if err != nil || receipt.MessageID == "" {
		t.Fatalf("Send gave %v, %v", receipt, err)
	}
	mails := stored()
	for _, want := range []string{receipt.MessageID, providertest.Recipient(1), providertest.Code(1) + " is your Contoso code", "help@contoso.example"} {
		if !strings.Contains(mails, want) {
			t.Errorf("the emulator's store lacks %q: %.600s", want, mails)
		}
	}
}

// model is the part of a Smithy model that names structures.
type model struct {
	Shapes map[string]struct {
		Members map[string]struct {
			Target string
			Traits map[string]any
		}
		Member struct{ Target string } // of a list
		Traits map[string]any
	}
}

func readModel(t *testing.T) model {
	t.Helper()
	file := filepath.Join(os.Getenv("BYOE_CONTRACTS"), "ses", "sesv2-SendEmail.json")
	require.Component(t, "contracts", func() error {
		if os.Getenv("BYOE_CONTRACTS") == "" {
			return errors.New("BYOE_CONTRACTS does not name the folder with the API descriptions")
		}
		_, err := os.Stat(file)
		return err
	})
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var m model
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestModel walks a request of ours along AWS's own model of SendEmail: a member that the model does not know would be
// ignored by the vendor, and one that it requires must be there.
func TestModel(t *testing.T) {
	m := readModel(t)
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") })
	if _, err := connect(t, testConfig(strings.TrimPrefix(r.URL, "http://"))).Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Fatal(err)
	}
	var request map[string]any
	if err := json.Unmarshal(r.Last(t).Body, &request); err != nil {
		t.Fatal(err)
	}
	delete(request, "ConfigurationOverrides") // younger than the model
	m.walk(t, "com.amazonaws.sesv2#SendEmailRequest", request)
}

func (m model) walk(t *testing.T, shape string, value any) {
	t.Helper()
	known := m.Shapes[shape]
	switch value := value.(type) {
	case map[string]any:
		for name, member := range known.Members {
			if _, required := member.Traits["smithy.api#required"]; required && value[name] == nil {
				t.Errorf("%s lacks %s", shape, name)
			}
		}
		for name, inner := range value {
			member, ok := known.Members[name]
			if !ok {
				t.Errorf("%s has no %s", shape, name)
				continue
			}
			m.walk(t, member.Target, inner)
		}
	case []any:
		for _, inner := range value {
			m.walk(t, known.Member.Target, inner)
		}
	}
}

// TestModelErrors answers with each error that the model has for SendEmail: none may be a riddle.
func TestModelErrors(t *testing.T) {
	m := readModel(t)
	seen := 0
	for name, shape := range m.Shapes {
		status, isError := shape.Traits["smithy.api#httpError"].(float64)
		if !isError {
			continue
		}
		seen++
		_, short, _ := strings.Cut(name, "#")
		r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { respond(w, int(status), short, "x") })
		_, err := connect(t, testConfig(strings.TrimPrefix(r.URL, "http://"))).Send(t.Context(), providertest.Submission(1))
		if failure, ok := errors.AsType[*providers.Error](err); !ok || failure.Kind == providers.KindAmbiguous || failure.Code != short {
			t.Errorf("%s (%v) gave %v, want its name and a kind", short, status, err)
		}
	}
	if seen != 8 {
		t.Errorf("the model has %d errors, want 8", seen)
	}
}

func TestCommonAnswers(t *testing.T) {
	t.Parallel()
	providertest.RunAnswers(t, func(t *testing.T, url string) providers.Provider {
		t.Helper()
		c := testConfig(strings.TrimPrefix(url, "http://"))
		c.SessionToken = redact.Secret{}
		return connect(t, c)
	}, append(providertest.CommonAnswers(),
		providertest.Answer{Name: "no id", Status: 200, Body: "{}", Kind: providers.KindAmbiguous, Code: "no message id"},
		providertest.Answer{Name: "empty", Status: 202, Kind: providers.KindAmbiguous, Code: "no message id"},
		providertest.Answer{Name: "not JSON", Status: 200, Body: "<html>", Kind: providers.KindAmbiguous, Code: "200"},
	))
}
