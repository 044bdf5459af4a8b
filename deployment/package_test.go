package deployment_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"byoe/deployment"
)

// programs are real ones, so that what is checked is what Go makes. They are small: the smallest there is, for each kind.
var programs sync.Map

// program builds one for an operating system and a processor, with more flags.
func program(t testing.TB, goos, arch string, flags ...string) []byte {
	t.Helper()
	key := goos + arch + strings.Join(flags, " ")
	if built, found := programs.Load(key); found {
		return built.([]byte)
	}
	dir := smallest(t)
	target := filepath.Join(dir, "out")
	build := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", target}, flags...), ".")...)
	build.Dir = dir
	build.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch, "CGO_ENABLED=0", "GOWORK=off")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	content, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	programs.Store(key, content)
	return content
}

// smallest is the folder of the smallest program.
func smallest(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module smallest\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() { panic(\"not to be run\") }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// root is the repository's.
func root() fs.FS { return os.DirFS("..") }

// sources is the repository's root in memory, to be changed.
func sources(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, file := range collect(t, root()) {
		if file.Name != "byoe" {
			files[file.Name] = &fstest.MapFile{Data: file.Content}
		}
	}
	raw, err := fs.ReadFile(root(), ".funcignore")
	if err != nil {
		t.Fatal(err)
	}
	files[".funcignore"] = &fstest.MapFile{Data: raw}
	return files
}

func collect(t testing.TB, from fs.FS) []deployment.File {
	t.Helper()
	files, err := deployment.Collect(from, program(t, "linux", "amd64"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func write(t testing.TB, files []deployment.File) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := deployment.Write(&out, files); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsMadeIsInOrder(t *testing.T) {
	t.Parallel()
	raw := write(t, collect(t, root()))
	if findings := deployment.Check(raw, deployment.DefaultArch); len(findings) > 0 {
		t.Errorf("found %v", findings)
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for _, entry := range archive.File {
		want := fs.FileMode(0o644)
		if entry.Name == "byoe" {
			want = 0o755
		}
		if entry.Mode() != want {
			t.Errorf("%s has the mode %v, want %v", entry.Name, entry.Mode(), want)
		}
		if entry.Name <= last {
			t.Errorf("%s comes after %s", entry.Name, last)
		}
		last = entry.Name
	}
}

// What is listed for deployment is in it, and nothing else, whatever lies beside it.
func TestTheListIsWhatIsDeployed(t *testing.T) {
	t.Parallel()
	from := sources(t)
	for _, name := range []string{"local.settings.json", "main.go", "byoe.exe", "byoe-setup-1.json", "docs/a.md", "AnotherOne/function.json"} {
		from[name] = &fstest.MapFile{Data: []byte("{}")}
	}
	from[".funcignore"].Data = append(from[".funcignore"].Data, "!/AnotherOne\r\n"...)
	got, want := map[string]bool{}, map[string]bool{"byoe": true, "AnotherOne/function.json": true}
	for _, file := range collect(t, from) {
		got[file.Name] = true
	}
	for _, file := range collect(t, root()) {
		want[file.Name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deployed (-want +got):\n%s", diff)
	}
}

func TestTheSameFilesMakeTheSameBytes(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(write(t, collect(t, root())), write(t, collect(t, sources(t)))) {
		t.Error("two packages of the same files differ")
	}
}

func TestListsThatAreNotUnderstoodAreRefused(t *testing.T) {
	t.Parallel()
	const known = "/*\n!/host.json\n!/byoe\n!/EmailOtpSend\n"
	tests := map[string]struct{ list, want string }{
		"empty":                  {"# nothing\n", "lists nothing"},
		"everything not ignored": {"!/host.json\n", "not understood"},
		"a plain pattern":        {known + "*.md\n", "not understood"},
		"a path":                 {known + "!/EmailOtpSend/function.json\n", "not understood"},
		"a wildcard":             {known + "!/Email*\n", "not understood"},
		"everything once more":   {known + "/*\n", "not understood"},
		"a backslash":            {known + "!/EmailOtpSend\\function.json\n", "not understood"},
		"the folder above":       {known + "!/..\n", "not understood"},
		"the folder itself":      {known + "!/.\n", "not understood"},
		"something missing":      {known + "!/B\n", "lists B"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := sources(t)
			from[".funcignore"].Data = []byte(test.list)
			_, err := deployment.Collect(from, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	from := sources(t)
	from["EmailOtpSend/link"] = &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte("/etc/passwd")}
	if _, err := deployment.Collect(from, nil); err == nil || !strings.Contains(err.Error(), "links are not followed") {
		t.Errorf("got %v", err)
	}
}

func TestSourcesThatCannotRunAreNotPacked(t *testing.T) {
	t.Parallel()
	from := sources(t)
	from["host.json"].Data = bytes.Replace(from["host.json"].Data, []byte(`"byoe"`), []byte(`"./byoe"`), 1)
	if _, err := deployment.Collect(from, nil); err == nil || !strings.Contains(err.Error(), "exactly") {
		t.Errorf("got %v", err)
	}
	delete(from, "host.json")
	if _, err := deployment.Collect(from, nil); err == nil {
		t.Error("packed without host.json")
	}
}
