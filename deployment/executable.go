package deployment

import (
	"bytes"
	"debug/elf"
	"strings"
)

// checkExecutable looks at the program as the kernel of the app's machine will.
func checkExecutable(files map[string]File, program, arch string) []Finding {
	file, found := files[program]
	if !found {
		return []Finding{missingExecutable(files, program)}
	}
	var findings []Finding
	if file.Mode.Perm()&0o111 != 0o111 {
		findings = append(findings, Finding{
			Entry: program, What: "may not be executed: the zip records no such mode, as zips that were made on Windows do not", Remedy: remake,
		})
	}
	if fault := binaryFault(file.Content, arch); fault != "" {
		findings = append(findings, Finding{Entry: program, What: fault, Remedy: "Build it for linux/" + arch + " with CGO_ENABLED=0, as byoe package does"})
	}
	return findings
}

func missingExecutable(files map[string]File, program string) Finding {
	for _, name := range names(files) {
		if strings.EqualFold(name, program) || strings.EqualFold(name, program+".exe") {
			return Finding{Entry: name, What: "is not what host.json starts, " + program, Remedy: "Build for Linux, under exactly that name, as byoe package does"}
		}
	}
	return Finding{Entry: program, What: "is missing: host.json starts it", Remedy: remake}
}

// binaryFault says why Linux on this processor would not run it. A program that needs shared libraries starts only where the
// same ones lie, and in an image from scratch nowhere.
func binaryFault(content []byte, arch string) string {
	switch {
	case bytes.HasPrefix(content, []byte("MZ")):
		return "is a program for Windows"
	case bytes.HasPrefix(content, []byte{0xcf, 0xfa, 0xed, 0xfe}):
		return "is a program for macOS"
	}
	binary, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return "is no program for Linux"
	}
	machine := map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}[binary.Machine]
	if machine != arch {
		return "is for another processor than " + arch
	}
	libraries, err := binary.ImportedLibraries()
	if err != nil || len(libraries) > 0 || hasInterpreter(binary) {
		return "needs shared libraries"
	}
	return ""
}

func hasInterpreter(binary *elf.File) bool {
	for _, program := range binary.Progs {
		if program.Type == elf.PT_INTERP {
			return true
		}
	}
	return false
}

// Arches are the processors for which byoe is built.
func Arches() []string { return []string{"amd64", "arm64"} }

// DefaultArch is the processor of Azure Functions on Linux.
const DefaultArch = "amd64"
