package deployment

import (
	"archive/zip"
	"fmt"
	"io"
	"time"
)

// Write writes the package. The same files make the same bytes, on every system and at any time, so that a package can be
// made again from its commit and compared.
func Write(w io.Writer, files []File) error {
	archive := zip.NewWriter(w)
	for _, file := range files {
		header := &zip.FileHeader{Name: file.Name, Method: zip.Deflate, Modified: earliest()}
		header.SetMode(file.Mode) // records Unix as the creator too, without which nobody reads the mode
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", file.Name, err)
		}
		if _, err := entry.Write(file.Content); err != nil {
			return fmt.Errorf("cannot write %s: %w", file.Name, err)
		}
	}
	return archive.Close()
}

// earliest is the first moment that a zip can tell.
func earliest() time.Time { return time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC) }
