// Package deployment makes and checks the deployment package of the Function App: the zip that Azure unpacks and runs.
// What goes wrong in it shows only in Azure, as an app that answers 500 to everything and says little: an executable that
// lost its mode on Windows, one for another processor, a folder zipped in place of what is in it. So each package is read
// back before it is called good, and packages that other tools made can be checked too.
package deployment

// Finding is something that is wrong with a package.
type Finding struct {
	// Entry is the file that it is about; "" for the package itself.
	Entry string
	What  string
	// Remedy is what to do.
	Remedy string
}

// String is the finding on one line.
func (f Finding) String() string {
	where := f.Entry
	if where == "" {
		where = "the package"
	}
	return where + ": " + f.What + ". " + f.Remedy
}

// remake is the remedy for whatever the tool that made a zip got wrong.
const remake = "Make the zip with byoe package, which also runs on Windows"
