package doctor

import "strings"

// parseTags reads the tag list that DMARC (RFC 7489, section 6.4) and DKIM keys (RFC 6376, section 3.2) are written in:
// "v=DMARC1; p=none". Of a tag that comes twice the first counts; what is no tag is passed over. Names are in small
// letters, values without the white space around them.
func parseTags(text string) map[string]string {
	tags := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, found := strings.Cut(part, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := tags[name]; !found || name == "" || twice {
			continue
		}
		tags[name] = strings.TrimSpace(value)
	}
	return tags
}

// firstTag returns the name and value that a list begins with: the version must come first.
func firstTag(text string) (name, value string) {
	first, _, _ := strings.Cut(text, ";")
	name, value, _ = strings.Cut(first, "=")
	return strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
}
