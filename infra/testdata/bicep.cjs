// Parses the Bicep files named on the command line and prints their trees ({file: node}), a node being
// {type, line, text (leaves only), field, broken, children}.
const { createRequire } = require("module");
const fs = require("fs");
const path = require("path");
const modules = createRequire(path.join(process.env.BYOE_NODE_MODULES, "here"));
const { Parser, Language } = modules("web-tree-sitter");

function tree(cursor) {
  const node = cursor.currentNode;
  const out = { type: node.type, line: node.startPosition.row + 1, field: cursor.currentFieldName || "" };
  if (node.isError || node.isMissing) out.broken = true;
  if (cursor.gotoFirstChild()) {
    out.children = [];
    do { out.children.push(tree(cursor)); } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  } else {
    out.text = node.text;
  }
  return out;
}

(async () => {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(path.join(process.env.BYOE_NODE_MODULES, "tree-sitter-bicep", "tree-sitter-bicep.wasm")));
  const trees = {};
  for (const file of process.argv.slice(2)) trees[file] = tree(parser.parse(fs.readFileSync(file, "utf8")).walk());
  console.log(JSON.stringify(trees));
})();
