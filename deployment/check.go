package deployment

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

// hostFile is what the host looks for first.
const hostFile = "host.json"

// mostContent bounds one unpacked file: the executable has 21 MB.
const mostContent = 256 << 20

// Check reads a package back and returns everything that is wrong with it, whoever made it, for Linux on the given processor
// (a GOARCH).
func Check(raw []byte, arch string) []Finding {
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return []Finding{{What: "is no zip that can be read", Remedy: remake}}
	}
	files, findings := unpack(archive)
	if _, found := files[hostFile]; !found {
		return append(findings, noHostFile(files))
	}
	program, problems := readHost(files[hostFile].Content)
	findings = append(findings, problems...)
	if program != "" {
		findings = append(findings, checkExecutable(files, program, arch)...)
	}
	return slices.Concat(findings, checkFunctions(files), checkStrays(files, program), checkSecrets(files))
}

// unpack reads every file whose name can be unpacked.
func unpack(archive *zip.Reader) (map[string]File, []Finding) {
	files := map[string]File{}
	seen := map[string]string{}
	var findings []Finding
	for _, entry := range archive.File {
		if finding, wrong := checkName(entry.Name, seen); wrong {
			findings = append(findings, finding)
			continue
		}
		if entry.FileInfo().IsDir() {
			continue
		}
		content, err := readEntry(entry)
		if err != nil {
			findings = append(findings, Finding{Entry: entry.Name, What: "cannot be unpacked: " + err.Error(), Remedy: remake})
			continue
		}
		files[entry.Name] = File{Name: entry.Name, Mode: entry.Mode(), Content: content}
	}
	return files, findings
}

func readEntry(entry *zip.File) ([]byte, error) {
	if entry.UncompressedSize64 > mostContent {
		return nil, fmt.Errorf("it has %d bytes", entry.UncompressedSize64)
	}
	reader, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }() // only read
	return io.ReadAll(reader)             // no more than the size that it gives
}

// noHostFile says why the host would not find its file.
func noHostFile(files map[string]File) Finding {
	for _, name := range names(files) {
		switch {
		case strings.EqualFold(name, hostFile):
			return Finding{Entry: name, What: "must be called host.json: Linux tells capital letters apart", Remedy: "Rename it"}
		case path.Base(name) == hostFile:
			return Finding{Entry: name, What: "is in a folder; the host looks for host.json at the root", Remedy: "Zip what is in the folder, not the folder"}
		}
	}
	return Finding{What: "has no host.json", Remedy: "Run byoe package in the folder of host.json, or name it with --dir"}
}

// checkStrays finds what is no part of the app: it would be published with it, and some of it must not be.
func checkStrays(files map[string]File, program string) []Finding {
	var findings []Finding
	for _, name := range names(files) {
		switch {
		case name == hostFile, name == program, isFunctionFile(name):
		case path.Base(name) == "local.settings.json":
			findings = append(findings, Finding{
				Entry: name, What: "holds the settings of the machine that made the zip", Remedy: "Take it out, and renew every secret in it if the zip was published",
			})
		default:
			findings = append(findings, Finding{Entry: name, What: "is no part of the app", Remedy: "Take it out: what is published by accident may be private"})
		}
	}
	return findings
}

// checkSecrets finds what looks like a secret in files that are meant to hold none.
func checkSecrets(files map[string]File) []Finding {
	secret := regexp.MustCompile(`(?i)AccountKey=[^"]|SharedAccessKey=[^"]|accesskey=[^"]|PRIVATE KEY-----|\bSG\.[\w-]{16}|\bAKIA[0-9A-Z]{16}`)
	var findings []Finding
	for _, name := range names(files) {
		if path.Ext(name) == ".json" && secret.Match(files[name].Content) {
			findings = append(findings, Finding{
				Entry: name, What: "holds what looks like a secret", Remedy: "Put it into the Function App's settings, best as a Key Vault reference, and renew it if the zip was published",
			})
		}
	}
	return findings
}

// names are those of the files, in order.
func names(files map[string]File) []string {
	all := make([]string, 0, len(files))
	for name := range files {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
