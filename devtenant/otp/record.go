package otp

import (
	"container/list"
	"slices"
	"time"

	"byoe/redact"
)

// record is what is known of one identifier. It is forgotten as a whole, and every count in it with it.
type record struct {
	key      digest
	session  digest   // the one that asked last and owns the code
	replaced []digest // those that owned a code before; no more than codes may be given
	// code is a func because fmt asks no [redact.Secret] in a field that is not exported, and finds the string in it: %s
	// of an engine would show every code.
	code  func() redact.Secret
	left  int // tries
	given int // codes, the reused ones included
	until time.Time
	place *list.Element
}

// locked says whether the tries are spent; the record then stands for the lock-out.
func (r *record) locked() bool { return r.left <= 0 }

// wasReplaced says whether this session's code gave way to another session's.
func (r *record) wasReplaced(session digest) bool { return slices.Contains(r.replaced, session) }

// replace puts a new code, with all its tries, in place of the one that is there.
func (r *record) replace(session digest, code redact.Secret, tries int) {
	if r.given > 0 && r.session != session {
		r.replaced = append(r.replaced, r.session)
	}
	r.replaced = slices.DeleteFunc(r.replaced, func(other digest) bool { return other == session })
	r.session, r.left = session, tries
	r.code = func() redact.Secret { return code }
}

// add makes a record. It and the following need the lock.
func (e *Engine) add(key digest) *record {
	r := &record{key: key}
	r.place = e.order.PushBack(r)
	e.records[key] = r
	return r
}

// extend keeps the record from now on for as long as a code lives. All live equally long, so the one extended last is the
// last to go, and the order needs no sorting.
func (e *Engine) extend(r *record, now time.Time) {
	r.until = now.Add(e.profile.Expiration)
	e.order.MoveToBack(r.place)
}

// forgetExpired is called each time before a record is looked for, so that an expired one is never seen and none is
// held for long. It costs as much as there is to forget.
func (e *Engine) forgetExpired(now time.Time) {
	for front := e.order.Front(); front != nil; front = e.order.Front() {
		r, ok := front.Value.(*record)
		if !ok || now.Before(r.until) {
			return
		}
		e.remove(r)
	}
}

func (e *Engine) remove(r *record) {
	e.order.Remove(r.place)
	delete(e.records, r.key)
}
