package infra_test

import (
	"bytes"
	"compress/flate"
	"debug/pe"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"byoe/internal/require"
)

// typeLibrary is what Microsoft's Bicep compiler knows of Azure's resources: the library Azure.Bicep.Types.Az, which holds a
// description of every resource type and version. BYOE_BICEP_TYPES names its file.
type typeLibrary struct {
	files     map[string][]byte // inflated when they are asked for
	resources map[string]struct {
		Ref string `json:"$ref"`
	}
	loaded map[string][]typeNode
}

// typeNode is one type of the library.
type typeNode struct {
	Kind                 string                  `json:"$type"`
	Body                 reference               `json:"body"`
	Properties           map[string]typeProperty `json:"properties"`
	BaseProperties       map[string]typeProperty `json:"baseProperties"`
	AdditionalProperties *reference              `json:"additionalProperties"`
	Discriminator        string                  `json:"discriminator"`
	ItemType             reference               `json:"itemType"`
	Value                string                  `json:"value"`
	Elements             json.RawMessage         `json:"elements"` // a list of a union, a map of a discriminated object

	file string
}

type typeProperty struct {
	Type  reference `json:"type"`
	Flags int       `json:"flags"` // 1: required, 2: read-only
}

type reference struct {
	Ref string `json:"$ref"`
}

func openTypes(t *testing.T) *typeLibrary {
	t.Helper()
	library := os.Getenv("BYOE_BICEP_TYPES")
	require.Component(t, "bicep-types", func() error {
		if _, err := os.Stat(library); err != nil {
			return errors.New("BYOE_BICEP_TYPES does not name the file Azure.Bicep.Types.Az.dll")
		}
		return nil
	})
	raw, err := os.ReadFile(library)
	if err != nil {
		t.Fatal(err)
	}
	files, err := resourcesIn(raw)
	if err != nil {
		t.Fatal(err)
	}
	l := &typeLibrary{files: files, loaded: map[string][]typeNode{}}
	var index struct {
		Resources map[string]struct {
			Ref string `json:"$ref"`
		} `json:"resources"`
	}
	l.decode(t, "index.json", &index)
	l.resources = index.Resources
	if len(l.resources) < 1000 {
		t.Fatalf("only %d resource types", len(l.resources))
	}
	return l
}

func (l *typeLibrary) decode(t *testing.T, file string, into any) {
	t.Helper()
	raw, found := l.files[file+".deflated"]
	if !found {
		t.Fatalf("the library has no %s", file)
	}
	inflated, err := io.ReadAll(flate.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(inflated, into); err != nil {
		t.Fatal(err)
	}
}

// resource is the type of a resource's body, such as that of Microsoft.Web/sites@2024-04-01.
func (l *typeLibrary) resource(t *testing.T, name string) (typeNode, bool) {
	t.Helper()
	found, is := l.resources[name]
	if !is {
		return typeNode{}, false
	}
	resource := l.get(t, "", found.Ref)
	return l.get(t, resource.file, resource.Body.Ref), true
}

// get follows a reference out of a file: file#/number, or #/number for the same one.
func (l *typeLibrary) get(t *testing.T, from, ref string) typeNode {
	t.Helper()
	file, number, _ := strings.Cut(ref, "#/")
	if file == "" {
		file = from
	} else {
		file = path.Join(path.Dir(from), file)
	}
	if l.loaded[file] == nil {
		var nodes []typeNode
		l.decode(t, file, &nodes)
		l.loaded[file] = nodes
	}
	at, err := strconv.Atoi(number)
	if err != nil || at >= len(l.loaded[file]) {
		t.Fatalf("no type %s", ref)
	}
	found := l.loaded[file][at]
	found.file = file
	return found
}

// resourcesIn reads what is embedded in a .NET assembly, by name. ECMA-335, II.24 and II.25: the CLI header points to the resources,
// each with its length before it, and to the metadata, where a table has a row for each with its place and the place of its name.
func resourcesIn(raw []byte) (map[string][]byte, error) {
	image, err := pe.NewFile(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	header, is := image.OptionalHeader.(*pe.OptionalHeader32)
	if !is {
		return nil, errors.New("no assembly for every processor")
	}
	at := func(address uint32) []byte {
		for _, s := range image.Sections {
			if address >= s.VirtualAddress && address < s.VirtualAddress+s.Size {
				return raw[s.Offset+address-s.VirtualAddress:]
			}
		}
		return nil
	}
	cli := at(header.DataDirectory[14].VirtualAddress)
	metadata, blob := at(binary.LittleEndian.Uint32(cli[8:])), at(binary.LittleEndian.Uint32(cli[24:]))
	blob = blob[:binary.LittleEndian.Uint32(cli[28:])]
	tables, strs := stream(metadata, "#~"), stream(metadata, "#Strings")

	var places []uint32
	for place := 0; place < len(blob); {
		places = append(places, uint32(place))
		place += 4 + int(binary.LittleEndian.Uint32(blob[place:]))
		place = (place + 7) / 8 * 8
	}
	row, stride := findTable(tables, places)
	if row < 0 {
		return nil, errors.New("no table of resources")
	}
	found := map[string][]byte{}
	for i, place := range places {
		entry := tables[row+i*stride:]
		name := int(binary.LittleEndian.Uint16(entry[8:]))
		if stride == 14 {
			name = int(binary.LittleEndian.Uint32(entry[8:]))
		}
		text, _, _ := bytes.Cut(strs[name:], []byte{0})
		length := binary.LittleEndian.Uint32(blob[place:])
		found[string(text)] = blob[place+4 : place+4+length]
	}
	return found, nil
}

// findTable looks for the rows that have these places, one after the other: what stands before them would have to be understood
// whole to know where they begin. A row has its place, its visibility (1), its name (2 or 4 bytes) and 2 bytes more.
func findTable(tables []byte, places []uint32) (row, stride int) {
	head := func(place uint32) []byte {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, place), 1)
	}
	for from := 0; ; from++ {
		next := bytes.Index(tables[from:], head(places[0]))
		if next < 0 {
			return -1, 0
		}
		from += next
		for _, stride := range []int{12, 14} {
			matches := !slices.ContainsFunc(places, func(place uint32) bool {
				entry := from + slices.Index(places, place)*stride
				return entry+8 > len(tables) || !bytes.Equal(tables[entry:entry+8], head(place))
			})
			if matches {
				return from, stride
			}
		}
	}
}

// stream is one of the metadata's parts.
func stream(metadata []byte, want string) []byte {
	at := 16 + int(binary.LittleEndian.Uint32(metadata[12:])) + 2
	count := int(binary.LittleEndian.Uint16(metadata[at:]))
	at += 2
	for range count {
		offset, size := binary.LittleEndian.Uint32(metadata[at:]), binary.LittleEndian.Uint32(metadata[at+4:])
		name, _, _ := bytes.Cut(metadata[at+8:], []byte{0})
		if string(name) == want {
			return metadata[offset : offset+size]
		}
		at += 8 + (len(name)/4+1)*4
	}
	panic(fmt.Sprintf("no stream %s", want))
}
