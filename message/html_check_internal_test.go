package message

import (
	"strings"
	"testing"
)

// What checkHTML says of a page is what a reader of the mail would see.
func TestWhatIsDoubtedInAPage(t *testing.T) {
	t.Parallel()
	const (
		preheader = string(rune(firstField + preheaderAt))
		dark      = `<style>@media (prefers-color-scheme: dark) { .d { color: #eeeeee; } p, .g { background-color: #222222 !important; } }</style>`
		faint     = "text with a contrast of 3.5"
		inDark    = "in dark mode"
	)
	for name, tt := range map[string]struct {
		page, what string
		doubted    bool
	}{
		"table for layout":           {`<table role="presentation"></table>`, "a layout table", false},
		"the same by another name":   {`<table role="none"></table>`, "a layout table", false},
		"table with a role":          {`<table role="grid"></table>`, "a layout table", true},
		"language on the body alone": {`<html lang="en" dir="ltr"><body lang="en" dir="ltr"></body></html>`, "no element in <body>", true},
		"language on the content":    {`<html lang="en" dir="ltr"><body><div lang="en" dir="ltr"></div></body></html>`, "no element in <body>", false},
		"language without direction": {`<html lang="en"><body></body></html>`, "<html> without", true},
		"another size of a picture":  {`<img alt="" src="https://contoso.example/x.png" srcset="https://contoso.example/y.png 2x">`, "attribute srcset loads", true},

		"preheader hidden by height":    {`<div style="display:none;mso-hide:all;max-height:0px;overflow:hidden">` + preheader + `</div>`, "the preheader is seen", false},
		"preheader hidden by size":      {`<div style="display:none;mso-hide:all;font-size:1px">` + preheader + `</div>`, "the preheader is seen", false},
		"preheader of no height":        {`<div style="display:none;mso-hide:all;max-height:0">` + preheader + `</div>`, "the preheader is seen", true},
		"preheader seen by Outlook":     {`<div style="display:none;max-height:0;overflow:hidden">` + preheader + `</div>`, "the preheader is seen", true},
		"preheader seen elsewhere":      {`<div style="mso-hide:all;max-height:0;overflow:hidden">` + preheader + `</div>`, "the preheader is seen", true},
		"preheader hidden from around":  {`<div style="display:none;mso-hide:all"><i style="max-height:0;overflow:hidden">` + preheader + `</i></div>`, "the preheader is seen", false},
		"hidden text may be faint":      {`<p style="color:#fefefe;opacity:0">x</p>`, "a contrast", false},
		"text of a title is not seen":   {`<title>2026</title>`, "a number", false},
		"blanks are no text":            {`<p style="color:#ffffff"> </p>`, "a contrast", false},
		"faint":                         {`<p style="color:#888888">x</p>`, faint, true},
		"faint in large letters":        {`<p style="color:#888888;font-size:24px">x</p>`, faint, false},
		"faint in somewhat large ones":  {`<p style="color:#888888;font-size:20px">x</p>`, faint, true},
		"the same in bold":              {`<p style="color:#888888;font-size:20px;font-weight:700">x</p>`, faint, false},
		"the same in bold, by a word":   {`<p style="color:#888888;font-size:20px;font-weight:bold">x</p>`, faint, false},
		"the same in bold, by a tag":    {`<p style="color:#888888;font-size:20px"><b>x</b></p>`, faint, false},
		"a tag that is bold no more":    {`<h1 style="color:#888888;font-size:20px;font-weight:400">x</h1>`, faint, true},
		"bold and small":                {`<b style="color:#888888;font-size:18px">x</b>`, faint, true},
		"ground by attribute":           {`<p bgcolor="#333333" style="color:#ffffff">x</p>`, "a contrast", false},
		"ground by style":               {`<p style="background:#333333;color:#ffffff">x</p>`, "a contrast", false},
		"ground of what is around":      {`<div style="background-color:#ffffff"><p style="color:#fdfdfd">x</p></div>`, "a contrast of 1.0", true},
		"dark as it is light":           {dark + `<i style="color:#111111">x</i>`, inDark, false},
		"dark ink on a light ground":    {dark + `<i class="d" style="color:#111111">x</i>`, "a contrast of 1.2 in dark mode", true},
		"dark ink on a dark ground":     {dark + `<i class="x d g" style="color:#111111">x</i>`, inDark, false},
		"dark ground by a tag's name":   {dark + `<p style="color:#111111">x</p>`, inDark, true},
		"dark ground by attribute":      {dark + `<i class="d" bgcolor="#333333">x</i>`, inDark, false},
		"colour that is inherited":      {`<p style="color:inherit;background:none;background-color:transparent">x</p>`, "not of the form", false},
		"colour by name":                {`<p style="color:gray">x</p>`, "color is not of the form", true},
		"ground by name":                {`<p style="background:gray">x</p>`, "background is not of the form", true},
		"style that is none":            {`<p style=";;:;color">x</p>`, "color is not of the form", true},
		"void elements close":           {`<p>x<br>y<img src="https://contoso.example/x.png" alt=""></p>`, "is not closed", false},
		"self-closed":                   {`<p>x<br/></p>`, "is not closed", false},
		"closed from outside":           {`<div><p>x</div>`, "<p> is not closed", true},
		"refresh of another thing":      {`<meta http-equiv="content-type" content="text/html">`, "leads elsewhere", false},
		"code from left to right":       {`<p dir="ltr">` + string(slotCode) + `</p>`, "not isolated", false},
		"code in a right-to-left place": {`<p dir="ltr"><i dir="rtl">` + string(slotCode) + `</i></p>`, "not isolated", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found findings
			checkHTML(&templateSet{files: map[string]setFile{}}, tt.page, view{Locale: "en", Direction: "ltr"}, &found)
			var told []string
			for _, f := range found.list {
				told = append(told, f.What)
			}
			if all := strings.Join(told, "\n"); strings.Contains(all, tt.what) != tt.doubted {
				t.Errorf("%s\nfound\n%s", tt.page, all)
			}
		})
	}
}
