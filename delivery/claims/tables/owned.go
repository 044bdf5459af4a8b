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
	mu    sync.Mutex
	etags map[hold]azcore.ETag
}

// hold names a claim and who has it: after a lease ran out, a second delivery may hold the same key.
type hold struct {
	key   delivery.Key
	owner string
}

func newOwned() *owned { return &owned{etags: map[hold]azcore.ETag{}} }

func (o *owned) get(key delivery.Key, owner string) (azcore.ETag, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	etag, known := o.etags[hold{key, owner}]
	return etag, known
}

// put remembers a version. Where there are too many, any other goes: those that nobody settles or releases any more must
// not fill the memory for ever.
func (o *owned) put(key delivery.Key, owner string, etag azcore.ETag) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h := hold{key, owner}
	if _, known := o.etags[h]; !known && len(o.etags) >= maxOwned {
		for other := range o.etags {
			delete(o.etags, other)
			break
		}
	}
	o.etags[h] = etag
}

func (o *owned) drop(key delivery.Key, owner string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.etags, hold{key, owner})
}
