package message

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
)

// sources are the files that mails are made of, as they were when they were read.
type sources struct {
	set   *templateSet
	file  *brandsFile // not parsed yet
	found findings    // what could not be read, and what means nothing in a template set
}

func readSources(c Config) *sources {
	s := &sources{}
	s.set = readTemplateSet(c.TemplatesDir, &s.found)
	s.file = readBrands(c.BrandsFile, &s.found)
	return s
}

// sum is the same for the same files: those of MAIL_TEMPLATES_DIR, BRANDS_FILE, and what is wrong with them from without.
func (s *sources) sum() [sha256.Size]byte {
	h := sha256.New()
	part := func(name string, raw []byte) {
		_, _ = fmt.Fprintf(h, "%q %d ", name, len(raw)) // a hash takes everything
		_, _ = h.Write(raw)
	}
	for _, name := range slices.Sorted(maps.Keys(s.set.files)) {
		if file := s.set.files[name]; file.own {
			part(name, file.raw)
		}
	}
	part("", s.file.raw)
	for _, f := range s.found.list {
		part(f.Place(), []byte(f.What))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
