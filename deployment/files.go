package deployment

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// File is one file of a package.
type File struct {
	// Name is its place in the package, with slashes on every system.
	Name string
	// Mode is what Azure gives it: the zip is unpacked with the modes that it records.
	Mode    fs.FileMode
	Content []byte
}

// The modes do not come from the disk: Windows has none, and a umask makes them differ.
const (
	fileMode       fs.FileMode = 0o644
	executableMode fs.FileMode = 0o755
)

// Collect gathers what .funcignore lists below root, the folder of host.json, with executable for the program that host.json
// starts. They come in the order of their names.
func Collect(root fs.FS, executable []byte) ([]File, error) {
	names, err := readList(root)
	if err != nil {
		return nil, err
	}
	raw, err := fs.ReadFile(root, hostFile)
	if err != nil {
		return nil, err
	}
	program, problems := readHost(raw)
	if len(problems) > 0 {
		return nil, errors.New(problems[0].String())
	}
	var files []File
	for _, name := range names {
		switch name {
		case program:
			files = append(files, File{Name: name, Mode: executableMode, Content: executable})
		case program + ".exe": // is for Windows, where it runs in place of the other
		default:
			found, err := walk(root, name)
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		}
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// walk reads a file, or every file of a folder.
func walk(root fs.FS, name string) ([]File, error) {
	var files []File
	err := fs.WalkDir(root, name, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s lists %s: %w", listFile, name, err)
		case entry.IsDir():
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s is no file: links are not followed, what they point to could be anything", name)
		}
		content, err := fs.ReadFile(root, name)
		files = append(files, File{Name: name, Mode: fileMode, Content: content})
		return err
	})
	return files, err
}
