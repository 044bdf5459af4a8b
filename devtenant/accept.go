package devtenant

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// prefersJSON says whether a request wants data and not a page: its path ends in .json, or its Accept field gives
// application/json a higher weight than text/html (RFC 9110, section 12.5.1). A tie is a page, as for curl's */*.
func prefersJSON(r *http.Request) bool {
	if strings.HasSuffix(r.URL.Path, ".json") {
		return true
	}
	accept := strings.Join(r.Header.Values("Accept"), ",")
	return weight(accept, "application", "json") > weight(accept, "text", "html")
}

// weight returns the q of the most specific range that covers the type: type/subtype, then type/*, then */*; 0 for none.
func weight(accept, mainType, subtype string) float64 {
	best, q := 0, 0.0
	for entry := range strings.SplitSeq(accept, ",") {
		mediaRange, parameters, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		specificity := 0
		switch mediaRange {
		case mainType + "/" + subtype:
			specificity = 3
		case mainType + "/*":
			specificity = 2
		case "*/*":
			specificity = 1
		}
		if specificity > best {
			best, q = specificity, quality(parameters["q"])
		}
	}
	return q
}

// quality reads a weight; none is 1, and one that cannot be read is 0.
func quality(text string) float64 {
	if text == "" {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
