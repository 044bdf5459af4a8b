package message

import (
	"html"
	"strings"
)

// A slot stands in a finished text for what only the event brings. Slots are characters of Unicode's private use area:
// no escaping of HTML touches them, they have no upper case, and nothing that an owner writes may hold one.
const (
	slotApp  = '\ue000'
	slotCode = '\ue001'

	// firstField and those behind it stand in a layout for the sentences of one language, in the order of [sentences].
	firstField = '\ue010'

	// firstPrivate and lastPrivate bound the private use area of the basic plane.
	firstPrivate = '\ue000'
	lastPrivate  = '\uf8ff'
)

// reserved says whether a character could be taken for a slot.
func reserved(r rune) bool { return r >= firstPrivate && r <= lastPrivate }

// piece is a run of finished text and the slot behind it, or 0.
type piece struct {
	text string
	slot rune
}

// pieces is a text that was cut at its slots once, so that a mail costs copying and nothing else.
type pieces []piece

// cut cuts a text at every slot.
func cut(text string) pieces {
	var cuts pieces
	for {
		at := strings.IndexFunc(text, reserved)
		if at < 0 {
			break
		}
		slot := []rune(text[at : at+len(string(rune(firstPrivate)))])[0]
		cuts = append(cuts, piece{text: text[:at], slot: slot})
		text = text[at+len(string(slot)):]
	}
	if text != "" {
		cuts = append(cuts, piece{text: text})
	}
	return cuts
}

// cutEscaped cuts a sentence for a text node or a quoted attribute of HTML.
func cutEscaped(sentence string) pieces { return cut(html.EscapeString(sentence)) }

// values is what the event brings, in the form of the part that it goes into.
type values struct{ app, code string }

func (v values) of(slot rune) string {
	switch slot {
	case slotApp:
		return v.app
	case slotCode:
		return v.code
	default:
		return ""
	}
}

func (p pieces) size(v values) int {
	n := 0
	for _, part := range p {
		n += len(part.text) + len(v.of(part.slot))
	}
	return n
}

func (p pieces) writeTo(b *strings.Builder, v values) {
	for _, part := range p {
		b.WriteString(part.text)
		b.WriteString(v.of(part.slot))
	}
}

// fill makes the text of one mail.
func (p pieces) fill(v values) string {
	if len(p) == 1 && p[0].slot == 0 {
		return p[0].text
	}
	var b strings.Builder
	b.Grow(p.size(v))
	p.writeTo(&b, v)
	return b.String()
}
