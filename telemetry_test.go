package main

import (
	"context"
	"encoding/hex"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"byoe/telemetry/otlp/otlptest"
)

// One failed-over send through the whole webhook, as OTLP tells it at the end of the process.
func TestAFailedOverSendIsOneTrace(t *testing.T) {
	tenant, receiver := startTenant(t), otlptest.Start(t)
	p := serve(t, environ(tenant, "MAIL_PROVIDERS=sendgrid,smtp", "SENDGRID_API_KEY=SG.x", "SENDGRID_BASE_URL=http://127.0.0.1:"+closedPort(t),
		"OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.URL, "OTEL_TRACES_SAMPLER=always_off", "OTEL_SERVICE_NAME=codes"))
	inTrace := func(r *http.Request) { r.Header.Set("Traceparent", "00-"+hostsTrace+"-"+hostsSpan+"-00") }
	if status, got := send(t, p.url, token(t, tenant), string(sample(t, "sign-up")), inTrace); status != http.StatusOK {
		t.Fatalf("%d %s", status, got)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	var names []string
	root, inside := "", map[string]bool{}
	for _, s := range receiver.Spans(t, 8) {
		names = append(names, s.GetName())
		if hex.EncodeToString(s.GetTraceId()) != hostsTrace {
			t.Errorf("%s is in another trace", s.GetName())
		}
		if parent := hex.EncodeToString(s.GetParentSpanId()); parent == hostsSpan {
			root = hex.EncodeToString(s.GetSpanId())
		} else {
			inside[parent] = true
		}
	}
	slices.Sort(names)
	if got := strings.Join(names, ", "); got != "POST /api/EmailOtpSend, auth, claim, compose, decode, deliver, send sendgrid, send smtp" {
		t.Errorf("the spans are %s", got)
	}
	if len(inside) != 1 || !inside[root] {
		t.Errorf("the spans are inside of %v, the call's is %s", inside, root)
	}
	if receiver.Points("byoe.failovers")[""] != 1 || receiver.Points("byoe.provider.duration")["byoe.outcome=temporary,byoe.provider=sendgrid"] != 1 || receiver.Resource()["service.name"] != "codes" {
		t.Errorf("failovers %v, attempts %v, %v", receiver.Points("byoe.failovers"), receiver.Points("byoe.provider.duration"), receiver.Resource())
	}
	if age := receiver.Points("byoe.keys.age")[""]; age <= 0 || age > 60 {
		t.Errorf("the keys are %v s old", age)
	}
	if !strings.Contains(p.stdout.String(), `"traceId":"`+hostsTrace+`"`) || strings.Contains(p.stdout.String(), `"msg":"shape"`) {
		t.Errorf("the log has no trace id, or shapes that nobody asked for: %s", p.stdout.String())
	}
}

// Under the Functions host the process may be frozen as soon as the call is answered: metrics, which go every minute
// elsewhere, go with it.
func TestUnderTheFunctionsHostACallIsSentAtOnce(t *testing.T) {
	tenant, receiver := startTenant(t), otlptest.Start(t)
	p := serve(t, environ(tenant, "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.URL, "FUNCTIONS_CUSTOMHANDLER_PORT="+closedPort(t)))
	if status, got := send(t, p.url, token(t, tenant), string(sample(t, "sign-up"))); status != http.StatusOK {
		t.Fatalf("%d %s", status, got)
	}
	deadline := time.Now().Add(20 * time.Second)
	for receiver.Exports("/v1/metrics") == 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if receiver.Exports("/v1/metrics") == 0 {
		t.Error("no metrics came while the process was alive")
	}
	receiver.Spans(t, 7)
}

// The SDK reads variables of its own, and tells on stderr what it cannot read of them.
func TestTheSDKTellsNoSecret(t *testing.T) {
	tenant, receiver := startTenant(t), otlptest.Start(t)
	command := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])
	command.Env = append(environ(tenant, "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.URL, "OTEL_EXPORTER_OTLP_TRACES_HEADERS=hunter2", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=hunter2",
		"OTEL_BSP_MAX_QUEUE_SIZE=hunter2"), asProgram+"=1")
	var told output
	command.Stdout, command.Stderr = &told, &told
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	awaitListening(t, &told)
	_ = command.Process.Kill()
	_ = command.Wait() // killed
	if strings.Contains(told.String(), "hunter2") {
		t.Errorf("it tells: %s", told.String())
	}
}
