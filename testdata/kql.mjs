// Parses KQL queries with Microsoft's own language service and checks names against the tables of Application Insights.
// Standard input: a JSON list of {name, query}. Standard output: a JSON list of findings, each a text.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

const require = createRequire(join(process.env.BYOE_NODE_MODULES, 'x.js'));
require('@kusto/language-service-next/bridge.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.js');
const {KustoCode, GlobalState, Symbols} = globalThis.Kusto.Language;

// The columns that our queries may use, of those that Azure Monitor's reference lists for each table.
const common = 'TimeGenerated: datetime, OperationId: string, ParentId: string, OperationName: string, AppRoleName: string, ' +
  'AppRoleInstance: string, ItemCount: int, Properties: dynamic, _ResourceId: string';
const tables = {
  AppTraces: 'Message: string, SeverityLevel: int',
  AppRequests: 'Id: string, Name: string, Success: bool, ResultCode: string, DurationMs: real, Url: string',
  AppDependencies: 'Id: string, Name: string, Target: string, DependencyType: string, Success: bool, ResultCode: string, DurationMs: real',
  AppMetrics: 'Name: string, Sum: real, Min: real, Max: real',
  AppExceptions: 'ExceptionType: string, OuterMessage: string, SeverityLevel: int',
};
const symbols = Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, `(${common}, ${columns})`, null));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor2('workspace', null, symbols));

const findings = [];
for (const {name, query} of JSON.parse(readFileSync(0, 'utf8'))) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  for (let i = 0; i < found.Count; i++) {
    const line = query.slice(0, found.getItem(i).Start).split('\n').length;
    findings.push(`${name}: line ${line} of the query: ${found.getItem(i).Message}`);
  }
}
process.stdout.write(JSON.stringify(findings));
