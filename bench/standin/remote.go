package standin

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// The stand-ins run in a process of their own, so that what they take of the processor is not taken for the webhook's. It
// is told what to do on its standard input, a JSON object a line, and answers each with one on its standard output.

// order is one line to the process.
type order struct {
	Delay *time.Duration `json:",omitempty"` // set it
}

// answer is one line back: where it listens, and what it took since the last one.
type answer struct {
	SendGrid, SMTP string
	Report         Report
}

// ServeOrders starts the stand-ins and obeys orders until the input ends.
func ServeOrders(ctx context.Context, orders io.Reader, answers io.Writer) (err error) {
	p, err := Start(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // the process ends with it
	encoder := json.NewEncoder(answers)
	reply := func() error {
		a := answer{Report: p.Report()}
		a.SendGrid, a.SMTP = p.Addresses()
		return encoder.Encode(a)
	}
	if err := reply(); err != nil {
		return err
	}
	lines := bufio.NewScanner(orders)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return fmt.Errorf("an order is not to be read: %w", err)
		}
		if o.Delay != nil {
			p.SetDelay(*o.Delay)
		}
		if err := reply(); err != nil {
			return err
		}
	}
	return lines.Err()
}

// Remote is a process that runs ServeOrders.
type Remote struct {
	// SendGrid is the URL of the API, and SMTP host and port of the mail server.
	SendGrid, SMTP string

	orders  *json.Encoder
	answers *json.Decoder
}

// NewRemote joins the two ends of such a process, and waits until it listens.
func NewRemote(stdin io.Writer, stdout io.Reader) (*Remote, error) {
	r := &Remote{orders: json.NewEncoder(stdin), answers: json.NewDecoder(stdout)}
	var first answer
	if err := r.answers.Decode(&first); err != nil {
		return nil, fmt.Errorf("the stand-ins did not start: %w", err)
	}
	r.SendGrid, r.SMTP = first.SendGrid, first.SMTP
	return r, nil
}

// SetDelay sets how long each mail takes from now on.
func (r *Remote) SetDelay(d time.Duration) error {
	_, err := r.ask(order{Delay: &d})
	return err
}

// Report returns what the stand-ins took since they were last spoken to.
func (r *Remote) Report() (Report, error) { return r.ask(order{}) }

func (r *Remote) ask(o order) (Report, error) {
	if err := r.orders.Encode(o); err != nil {
		return Report{}, err
	}
	var a answer
	err := r.answers.Decode(&a)
	return a.Report, err
}
