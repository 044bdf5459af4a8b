package message

import (
	"golang.org/x/text/language"

	"byoe/locale"
)

// languages chooses among the catalogues.
type languages struct {
	*locale.Chooser
	catalogues []*catalogue
}

// newLanguages makes the chooser. ok is false where no catalogue is in the default locale.
func newLanguages(catalogues []*catalogue, defaultLocale string) (chooser *languages, ok bool) {
	tags := make([]language.Tag, len(catalogues))
	for i, c := range catalogues {
		tags[i] = c.tag
	}
	l := &languages{catalogues: catalogues}
	l.Chooser, ok = locale.NewChooser(tags, defaultLocale)
	return l, ok
}
