package message

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// maxSteps bounds the actions that one mail may take, those of called templates counted each time. It is the time limit of a
// template: with neither loops nor recursion nothing else takes long.
const maxSteps = 5000

// inspector looks at a parsed template before it ever runs.
type inspector struct {
	set   *templateSet
	file  string
	trees map[string]*parse.Tree
	names []string
	found *findings

	steps  int
	stack  []string
	byFlow bool
}

// inspect adds a finding for what a layout must not use: unknown names (also in branches that sample data does not take),
// loops, recursion, and functions beyond the few. byFlow says that the layout asks for the flow, so that flows cannot share it.
func inspect(set *templateSet, file string, trees map[string]*parse.Tree, found *findings) (byFlow bool) {
	i := &inspector{set: set, file: file, trees: trees, names: names(reflect.TypeFor[view]()), found: found}
	if tree := trees[file]; tree != nil && tree.Root != nil {
		i.call(file, tree.Root)
	}
	return i.byFlow
}

// names are the members of a view and of what is in it.
func names(of reflect.Type) []string {
	var list []string
	for _, field := range reflect.VisibleFields(of) {
		list = append(list, field.Name)
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			list = append(list, names(inner)...)
		}
	}
	return list
}

func (i *inspector) add(node parse.Node, what, remedy string) {
	i.found.add(i.set.finding(i.file, lineAt(i.set.files[i.file].raw, int(node.Position())), what, remedy))
}

// call walks a template from the place that calls it.
func (i *inspector) call(name string, at parse.Node) {
	switch tree := i.trees[name]; {
	case slices.Contains(i.stack, name):
		i.add(at, fmt.Sprintf("template %q calls itself", name), "Take the call out")
	case tree == nil || tree.Root == nil:
		i.add(at, fmt.Sprintf("there is no template %q", name), "Define it in the same file")
	default:
		i.stack = append(i.stack, name)
		i.walk(tree.Root)
		i.stack = i.stack[:len(i.stack)-1]
	}
}

func (i *inspector) walk(node parse.Node) {
	if i.steps++; i.steps > maxSteps {
		if i.steps == maxSteps+1 {
			i.add(node, fmt.Sprintf("more than %d actions", maxSteps), "Make the template simpler")
		}
		return
	}
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				i.walk(child)
			}
		}
	case *parse.ActionNode:
		i.walk(n.Pipe)
	case *parse.IfNode:
		i.branch(&n.BranchNode)
	case *parse.WithNode:
		i.branch(&n.BranchNode)
	case *parse.RangeNode:
		i.add(n, "range is not available", "Write the parts one by one: a mail has no lists")
	case *parse.TemplateNode:
		if n.Pipe != nil {
			i.walk(n.Pipe)
		}
		i.call(n.Name, n)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			i.command(command)
		}
	default: // text, comments, break and continue, which are nothing without range
	}
}

func (i *inspector) branch(n *parse.BranchNode) {
	i.walk(n.Pipe)
	i.walk(n.List)
	i.walk(n.ElseList)
}

func (i *inspector) command(command *parse.CommandNode) {
	for _, arg := range command.Args {
		switch n := arg.(type) {
		case *parse.IdentifierNode:
			i.function(n, command)
		case *parse.FieldNode:
			i.fields(n, n.Ident)
		case *parse.VariableNode:
			i.fields(n, n.Ident[1:])
		case *parse.ChainNode:
			i.add(n, "a value in brackets has no members", "Name the member directly, such as .Logo.URL")
		case *parse.PipeNode:
			i.walk(n)
		case *parse.StringNode:
			if strings.ContainsFunc(n.Text, reserved) { // written as an escape, where the bytes of the file do not show it
				i.add(n, "has a character for private use", "Take it out: it stands for nothing that everybody can read")
			}
		}
	}
}

func (i *inspector) fields(node parse.Node, idents []string) {
	for _, ident := range idents {
		i.byFlow = i.byFlow || ident == "Flow"
		if !slices.Contains(i.names, ident) {
			i.add(node, "unknown variable ."+ident, "docs/templates.md lists the variables; "+nearest(ident, i.names))
		}
	}
}

// nearest is a guess at what was meant.
func nearest(word string, names []string) string {
	best, shared := "there is .Code", 0
	for _, name := range names {
		n := 0
		for n < min(len(word), len(name)) && strings.EqualFold(word[n:n+1], name[n:n+1]) {
			n++
		}
		if n > shared {
			best, shared = "is ."+name+" meant?", n
		}
	}
	return best
}

func (i *inspector) function(n *parse.IdentifierNode, command *parse.CommandNode) {
	allowed := []string{"and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "outlook"}
	if !slices.Contains(allowed, n.Ident) {
		i.add(n, "function "+strconv.Quote(n.Ident)+" is not available", "There are "+strings.Join(allowed, ", "))
		return
	}
	if n.Ident != "outlook" {
		return
	}
	if len(command.Args) != 2 || command.Args[1].Type() != parse.NodeString {
		i.add(n, "outlook takes one literal", "Write the markup between quotes or back-quotes; values cannot stand in it")
	} else if literal, ok := command.Args[1].(*parse.StringNode); ok && (strings.Contains(literal.Text, "{{") || strings.Contains(literal.Text, "-->")) {
		i.add(n, "the literal of outlook has an action or the end of a comment", "Write plain markup; values cannot stand in it")
	}
}
