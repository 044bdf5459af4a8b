// Reads queries ({name: text}) from stdin, has Microsoft's own language service analyse each against the table that they are
// written for, and prints what it finds ({name: [text]}).
const { createRequire } = require("module");
const modules = createRequire(require("path").join(process.env.BYOE_NODE_MODULES, "here"));
modules("@kusto/language-service-next/bridge.js");
modules("@kusto/language-service-next/Kusto.Language.Bridge.js");
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

// What Application Insights keeps in a workspace; the columns that a log line has.
const columns = "(TenantId:string, TimeGenerated:datetime, Message:string, Properties:dynamic, SeverityLevel:int, OperationId:string, " +
  "OperationName:string, AppRoleName:string, AppRoleInstance:string, ItemCount:int, ResourceGUID:string, SDKVersion:string, Type:string, _ResourceId:string)";
const table = Symbols.TableSymbol.From(columns).WithName("AppTraces");
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("workspace", [table]));

let input = "";
process.stdin.on("data", (part) => { input += part; });
process.stdin.on("end", () => {
  const found = {};
  for (const [name, text] of Object.entries(JSON.parse(input))) {
    const code = KustoCode.ParseAndAnalyze(text, globals);
    const diagnostics = code.GetDiagnostics();
    found[name] = [];
    for (let i = 0; i < diagnostics.Count; i++) {
      const one = diagnostics.getItem(i);
      const line = text.slice(0, one.Start).split("\n").length;
      found[name].push(`line ${line}: ${one.Message}`);
    }
    const result = code.ResultType;
    found[name + " columns"] = [];
    for (let i = 0; result && result.Columns && i < result.Columns.Count; i++) {
      const column = result.Columns.getItem(i);
      found[name + " columns"].push(column.Name + ":" + column.Type.Name);
    }
  }
  console.log(JSON.stringify(found));
});
