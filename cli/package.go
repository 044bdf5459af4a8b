package cli

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"byoe/deployment"
)

// packageCommand is byoe package.
type packageCommand struct {
	Out        string `help:"Zip to write." default:"byoe.zip" type:"path" placeholder:"FILE"`
	Dir        string `help:"Folder of host.json and .funcignore, a clone of byoe where the program is to be built." default:"." type:"existingdir"`
	Arch       string `help:"Processor: amd64, which Azure Functions has, or arm64." enum:"amd64,arm64" default:"amd64" placeholder:"amd64|arm64"`
	Executable string `help:"Finished program for Linux, in place of building one with the Go of this machine." type:"existingfile" placeholder:"FILE"`
	Verify     string `help:"Make nothing, and check a zip that is there, whatever made it." type:"existingfile" placeholder:"FILE"`
}

// Help says what the zip is for.
func (packageCommand) Help() string {
	return "Builds the program for Linux and makes the zip that is deployed to a Function App, with the modes that it needs there, on any system. " +
		"What goes into it is listed in .funcignore. Each zip is read back and checked before it is called good. The same commit and the " +
		"same version of Go make the same bytes."
}

// errUnfit says that a package would not run; the findings were printed.
var errUnfit = errors.New("the package would not run in Azure as it is")

// Run makes a package, or checks one.
func (c packageCommand) Run(p *program) error {
	if c.Verify != "" {
		raw, err := os.ReadFile(c.Verify)
		if err != nil {
			return err
		}
		return c.judge(p, c.Verify, raw)
	}
	executable, err := c.program(p)
	if err != nil {
		return err
	}
	files, err := deployment.Collect(os.DirFS(c.Dir), executable)
	if err != nil {
		return err
	}
	var made bytes.Buffer
	if err := deployment.Write(&made, files); err != nil {
		return err
	}
	if err := show(p.stdout, files); err != nil {
		return err
	}
	if err := c.judge(p, c.Out, made.Bytes()); err != nil {
		return err
	}
	return replaceFile(c.Out, made.Bytes())
}

// program is the finished one, or one that is built now.
func (c packageCommand) program(p *program) ([]byte, error) {
	if c.Executable != "" {
		return os.ReadFile(c.Executable)
	}
	environ := make([]string, 0, len(p.environ))
	for name, value := range p.environ {
		environ = append(environ, name+"="+value)
	}
	slices.Sort(environ)
	return deployment.Build(p.ctx, c.Dir, c.Arch, environ)
}

// judge prints what is wrong with a package, or what identifies it.
func (c packageCommand) judge(p *program, name string, raw []byte) error {
	findings := deployment.Check(raw, c.Arch)
	for _, f := range findings {
		if _, err := fmt.Fprintln(p.stdout, f); err != nil {
			return err
		}
	}
	if len(findings) > 0 {
		return errUnfit
	}
	_, err := fmt.Fprintf(p.stdout, "%s: in order, for linux/%s, %d bytes, SHA-256 %x\n", name, c.Arch, len(raw), sha256.Sum256(raw))
	return err
}

// show lists the files, and the version of the program among them.
func show(w io.Writer, files []deployment.File) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, file := range files {
		version := ""
		if info, err := buildinfo.Read(bytes.NewReader(file.Content)); err == nil {
			version = "\t" + info.Main.Version + ", " + info.GoVersion
		}
		_, _ = fmt.Fprintf(table, "%s\t%04o\t%d%s\n", file.Name, file.Mode.Perm(), len(file.Content), version) // to memory
	}
	_ = table.Flush() // to memory
	_, err := io.WriteString(w, b.String())
	return err
}

// replaceFile writes a file whole or not at all: half a package must not be there for the next step to deploy.
func replaceFile(name string, content []byte) error {
	part := name + ".part"
	err := os.WriteFile(part, content, 0o644) //nolint:gosec // there is no secret in it: that was checked
	if err == nil {
		err = os.Rename(part, name)
	}
	if err != nil {
		_ = os.Remove(part) // useless
	}
	return err
}
