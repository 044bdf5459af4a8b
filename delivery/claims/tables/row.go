package tables

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"byoe/delivery"
)

// row is a claim as the table keeps it. Timestamp and ETag are the service's.
type row struct {
	PartitionKey string
	RowKey       string
	Timestamp    time.Time `json:",omitzero"`
	ETag         string    `json:"odata.etag,omitempty"`
	Owner        string
	Delivery     string `json:",omitempty"`
	Settled      bool
	// KeepMillis is for how long the row counts from its Timestamp on: the lease, or, settled, the memory.
	KeepMillis int32
	Provider   string `json:",omitempty"`
	MessageID  string `json:",omitempty"`
}

// partition returns the partition of a row; see the package comment. name is the key in hexadecimal.
func partition(name string) string { return name[:1] }

func heldRow(key delivery.Key, owner, began string, lease time.Duration) row {
	name := key.String()
	return row{PartitionKey: partition(name), RowKey: name, Owner: owner, Delivery: began, KeepMillis: millis(lease)}
}

// mostText bounds what a vendor may have stored, in bytes.
const mostText = 256

func settledRow(key delivery.Key, r delivery.Record, remember time.Duration) row {
	settled := heldRow(key, r.Owner, "", remember)
	settled.Settled, settled.Provider, settled.MessageID = true, plain(r.Provider), plain(r.MessageID)
	return settled
}

func parseRow(entity []byte) (*row, error) {
	r := &row{}
	if err := json.Unmarshal(entity, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *row) etag() azcore.ETag { return azcore.ETag(r.ETag) }

// expires is when the row stops to count, in the service's time.
func (r *row) expires() time.Time {
	return r.Timestamp.Add(time.Duration(r.KeepMillis) * time.Millisecond)
}

func (r *row) record() delivery.Record {
	return delivery.Record{Owner: r.Owner, Delivery: r.Delivery, Settled: r.Settled, Provider: r.Provider, MessageID: r.MessageID}
}

// millis rounds up: a lease must not be shorter than its owner thinks.
func millis(d time.Duration) int32 {
	up := (max(d, 0) + time.Millisecond - 1) / time.Millisecond
	return int32(min(up, math.MaxInt32))
}

// plain keeps printable ASCII. A message id is whatever a vendor answered, and a character that the service refuses would
// cost the whole outcome.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	return text[:min(len(text), mostText)]
}
