package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/message"
	"byoe/providers"
	"byoe/redact"
)

// instant is a provider that takes every mail at once.
type instant struct{}

func (instant) Name() string { return "instant" }

func (instant) Send(context.Context, providers.Submission) (providers.Receipt, error) {
	return providers.Receipt{MessageID: "id"}, nil
}

// BenchmarkDeliver is all that delivery adds to a provider that takes no time: the claim, the flight, the attempt.
func BenchmarkDeliver(b *testing.B) {
	c := delivery.Config{Budget: 1600 * time.Millisecond, Hold: 2500 * time.Millisecond, RotateOnResend: true, DedupeTTL: 20 * time.Second}
	d := delivery.New(c, delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{instant{}}, Claims: memory.New()})
	to, err := message.ParseAddress("ann@example.com")
	if err != nil {
		b.Fatal(err)
	}
	m := &message.Message{To: to}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		o := delivery.Order{
			Arrived: time.Now(), TenantID: "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d", Message: m,
			Recipient: redact.NewSecret("ann@example.com"), Code: redact.NewSecret(fmt.Sprintf("%08d", n)),
		}
		if got := d.Deliver(b.Context(), o).Result(); got != delivery.Accepted {
			b.Fatal(got)
		}
	}
}
