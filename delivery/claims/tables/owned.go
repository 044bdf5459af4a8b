package tables

import (
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"byoe/delivery"
)

// maxOwned bounds the versions in memory, several times what one instance has in flight. Without an entry a claim is read
// before it is written, no more.
const maxOwned = 8192

// owned remembers the versions of the rows that this instance wrote, so that renewing and settling need no read.
type owned struct {
	mu       sync.Mutex
	versions map[hold]version
}

// version is what has to be known of a row to write it anew.
type version struct {
	etag azcore.ETag
	// delivery is the row's, which every write passes on.
	delivery string
}

// hold names a claim and who has it: after a lease ran out, a second delivery may hold the same key.
type hold struct {
	key   delivery.Key
	owner string
}

func newOwned() *owned { return &owned{versions: map[hold]version{}} }

func (o *owned) get(key delivery.Key, owner string) (version, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, known := o.versions[hold{key, owner}]
	return v, known
}

// put remembers a version. Where there are too many, any other goes: those that nobody settles or releases any more must
// not fill the memory for ever.
func (o *owned) put(key delivery.Key, owner string, v version) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h := hold{key, owner}
	if _, known := o.versions[h]; !known && len(o.versions) >= maxOwned {
		for other := range o.versions {
			delete(o.versions, other)
			break
		}
	}
	o.versions[h] = v
}

func (o *owned) drop(key delivery.Key, owner string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.versions, hold{key, owner})
}
