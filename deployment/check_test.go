package deployment_test

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"strings"
	"testing"

	"byoe/deployment"
)

// edit makes a package bad in one way.
type edit func(t *testing.T, files []deployment.File) []deployment.File

// replace changes a file's text.
func replace(name, before, after string) edit {
	return func(t *testing.T, files []deployment.File) []deployment.File {
		t.Helper()
		for i, file := range files {
			if file.Name != name {
				continue
			}
			files[i].Content = bytes.ReplaceAll(file.Content, []byte(before), []byte(after))
			if bytes.Equal(files[i].Content, file.Content) {
				t.Fatalf("%s has no %s", name, before)
			}
			return files
		}
		t.Fatalf("no %s", name)
		return nil
	}
}

func add(name, content string) edit {
	return func(_ *testing.T, files []deployment.File) []deployment.File {
		return append(files, deployment.File{Name: name, Mode: 0o644, Content: []byte(content)})
	}
}

func rename(from, to string) edit {
	return func(_ *testing.T, files []deployment.File) []deployment.File {
		for i, file := range files {
			if strings.HasPrefix(file.Name, from) {
				files[i].Name = to + strings.TrimPrefix(file.Name, from)
			}
		}
		return files
	}
}

func remove(name string) edit {
	return func(_ *testing.T, files []deployment.File) []deployment.File {
		var kept []deployment.File
		for _, file := range files {
			if file.Name != name {
				kept = append(kept, file)
			}
		}
		return kept
	}
}

func mode(m fs.FileMode) edit {
	return func(_ *testing.T, files []deployment.File) []deployment.File {
		for i, file := range files {
			if file.Name == "byoe" {
				files[i].Mode = m
			}
		}
		return files
	}
}

func built(goos, arch string, flags ...string) edit {
	return func(t *testing.T, files []deployment.File) []deployment.File {
		t.Helper()
		for i, file := range files {
			if file.Name == "byoe" {
				files[i].Content = program(t, goos, arch, flags...)
			}
		}
		return files
	}
}

func content(text string) edit {
	return func(_ *testing.T, files []deployment.File) []deployment.File {
		for i, file := range files {
			if file.Name == "byoe" {
				files[i].Content = []byte(text)
			}
		}
		return files
	}
}

const function = "EmailOtpSend/function.json"

func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit        edit
		entry, what string
	}{
		"the folder was zipped":    {rename("", "byoe-main/"), "byoe-main/host.json", "is in a folder"},
		"no host.json":             {remove("host.json"), "", "has no host.json"},
		"host.json in capitals":    {rename("host.json", "Host.json"), "Host.json", "must be called host.json"},
		"host.json is no JSON":     {replace("host.json", "{", "["), "host.json", "no JSON"},
		"another version":          {replace("host.json", `"2.0"`, `"1.0"`), "host.json", "version"},
		"no executable named":      {replace("host.json", `"byoe"`, `""`), "host.json", "names no executable"},
		"./byoe":                   {replace("host.json", `"byoe"`, `"./byoe"`), "host.json", "exactly"},
		"a path that leads out":    {replace("host.json", `"byoe"`, `"../byoe"`), "host.json", "exactly"},
		"an absolute path":         {replace("host.json", `"byoe"`, `"/home/site/wwwroot/byoe"`), "host.json", "exactly"},
		"a variable":               {replace("host.json", `"byoe"`, `"%NAME%"`), "host.json", "exactly"},
		"a backslash":              {replace("host.json", `"byoe"`, `"bin\\byoe"`), "host.json", "exactly"},
		"a drive":                  {replace("host.json", `"byoe"`, `"C:byoe"`), "host.json", "exactly"},
		"byoe.exe named":           {replace("host.json", `"byoe"`, `"byoe.EXE"`), "host.json", "for Windows"},
		"proxying off":             {replace("host.json", `"enableProxyingHttpRequest": true`, `"enableProxyingHttpRequest": false`), "host.json", "as they are"},
		"forwarding missing":       {replace("host.json", `"enableForwardingHttpRequest"`, `"enableForwarding"`), "host.json", "as they are"},
		"no executable":            {remove("byoe"), "byoe", "is missing"},
		"executable in capitals":   {rename("byoe", "Byoe"), "Byoe", "is not what host.json starts"},
		"executable of Windows":    {rename("byoe", "byoe.exe"), "byoe.exe", "is not what host.json starts"},
		"no executable mode":       {mode(0o644), "byoe", "may not be executed"},
		"executable for the owner": {mode(0o744), "byoe", "may not be executed"},
		"a program for Windows":    {built("windows", "amd64"), "byoe", "for Windows"},
		"a program for macOS":      {built("darwin", "arm64"), "byoe", "for macOS"},
		"another processor":        {built("linux", "arm64"), "byoe", "another processor"},
		"shared libraries":         {built("linux", "amd64", "-buildmode=pie"), "byoe", "shared libraries"},
		"a script":                 {content("#!/bin/sh\n"), "byoe", "no program for Linux"},
		"an empty program":         {content(""), "byoe", "no program for Linux"},
		"no webhook":               {remove(function), function, "is missing"},
		"the webhook in small":     {rename("EmailOtpSend", "emailotpsend"), function, "is missing"},
		"function.json is no JSON": {replace(function, "{", "["), function, "no JSON"},
		"no POST":                  {replace(function, `"post"`, `"get"`), function, "POST"},
		"no HTTP output":           {replace(function, `"type": "http",`, `"type": "queue",`), function, "one http out"},
		"no HTTP trigger":          {replace(function, `"httpTrigger"`, `"timerTrigger"`), function, "one httpTrigger in"},
		"the other function":       {replace("Health/function.json", `"out"`, `"in"`), "Health/function.json", "one http out"},
		"one binding more": {
			replace(function, `"bindings": [`, `"bindings": [{"type":"queue","direction":"out","name":"q"},`), function, "nothing else",
		},
		"local settings":             {add("local.settings.json", "{}"), "local.settings.json", "settings of the machine"},
		"local settings in a folder": {add("EmailOtpSend/local.settings.json", "{}"), "EmailOtpSend/local.settings.json", "settings of the machine"},
		"a record of byoe setup":     {add("byoe-setup-1.json", "{}"), "byoe-setup-1.json", "no part of the app"},
		"a file beside a function":   {add("EmailOtpSend/.DS_Store", ""), "EmailOtpSend/.DS_Store", "no part of the app"},
		"a function too deep":        {add("a/b/function.json", "{}"), "a/b/function.json", "no part of the app"},
		"the key of a store":         {replace("host.json", `"Information"`, `"AccountKey=abc"`), "host.json", "secret"},
		"the key of a provider":      {replace("host.json", `"Information"`, `"SG.aaaaaaaaaaaaaaaaaaaa"`), "host.json", "secret"},
		"a private key":              {replace(function, `"res"`, `"-----BEGIN RSA PRIVATE KEY-----"`), function, "secret"},
		"backslashes":                {rename("EmailOtpSend/", `EmailOtpSend\`), `EmailOtpSend\function.json`, "backslashes"},
		"a drive letter":             {rename("EmailOtpSend/", `C:/EmailOtpSend/`), "C:/EmailOtpSend/function.json", "absolute"},
		"a path from the root":       {rename("EmailOtpSend/", "/EmailOtpSend/"), "/EmailOtpSend/function.json", "absolute"},
		"out of the folder":          {add("../evil", ""), "../evil", "no plain path"},
		"a dot":                      {rename("EmailOtpSend/", "./EmailOtpSend/"), "./EmailOtpSend/function.json", "no plain path"},
		"two slashes":                {rename("EmailOtpSend/", "EmailOtpSend//"), "EmailOtpSend//function.json", "no plain path"},
		"twice the same":             {add("host.json", "{}"), "host.json", "twice"},
		"twice but for capitals":     {add("HOST.json", "{}"), "HOST.json", "capital letters only"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := write(t, test.edit(t, collect(t, root())))
			assertFound(t, deployment.Check(raw, deployment.DefaultArch), test.entry, test.what)
		})
	}
}

func assertFound(t *testing.T, findings []deployment.Finding, entry, what string) {
	t.Helper()
	for _, f := range findings {
		if f.Remedy == "" {
			t.Errorf("no remedy: %v", f)
		}
		if f.Entry == entry && strings.Contains(f.What, what) && strings.Contains(f.String(), f.What) {
			return
		}
	}
	t.Errorf("found %v, want %q of %q", findings, what, entry)
}

func TestForTheProcessorAskedFor(t *testing.T) {
	t.Parallel()
	raw := write(t, built("linux", "arm64")(t, collect(t, root())))
	if findings := deployment.Check(raw, "arm64"); len(findings) > 0 {
		t.Errorf("found %v", findings)
	}
}

func TestNoZip(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "PK", strings.Repeat("a", 1000)} {
		assertFound(t, deployment.Check([]byte(raw), deployment.DefaultArch), "", "no zip")
	}
	raw := write(t, collect(t, root()))
	at := bytes.Index(raw, []byte("host.json")) + len("host.json")
	copy(raw[at:], strings.Repeat("\xff", 64)) // the content, not what surrounds it
	assertFound(t, deployment.Check(raw, deployment.DefaultArch), "host.json", "cannot be unpacked")
}

// Zips of Windows' own tools record no modes of Unix, whatever lies in the field for them.
func TestAZipMadeOnWindows(t *testing.T) {
	t.Parallel()
	raw := write(t, collect(t, root()))
	forEachEntry(raw, func(entry []byte) { entry[5] = 0 }) // the creator: MS-DOS
	assertFound(t, deployment.Check(raw, deployment.DefaultArch), "byoe", "may not be executed")
}

// forEachEntry changes the headers in the zip's directory.
func forEachEntry(raw []byte, change func(entry []byte)) {
	signature := []byte("PK\x01\x02")
	for at := bytes.Index(raw, signature); at >= 0; {
		change(raw[at:])
		next := bytes.Index(raw[at+len(signature):], signature)
		if next < 0 {
			return
		}
		at += len(signature) + next
	}
}

func TestAFileThatIsTooLargeIsNotRead(t *testing.T) {
	t.Parallel()
	raw := write(t, collect(t, root()))
	forEachEntry(raw, func(entry []byte) { binary.LittleEndian.PutUint32(entry[24:], 257<<20) })
	assertFound(t, deployment.Check(raw, deployment.DefaultArch), "byoe", "it has 269484032 bytes")
}

// Folders of their own, which many tools write, do no harm.
func TestFoldersInTheZip(t *testing.T) {
	t.Parallel()
	files := append(collect(t, root()), deployment.File{Name: "EmailOtpSend/", Mode: fs.ModeDir | 0o755})
	if findings := deployment.Check(write(t, files), deployment.DefaultArch); len(findings) > 0 {
		t.Errorf("found %v", findings)
	}
}
