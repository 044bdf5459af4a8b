// What somebody should know of at once. Each alert is a query of ../queries over byoe's log lines; docs/runbook.md says what to do.
param location string
param tags object
param workspaceName string
@description('Who is told by mail; nobody where empty.')
param email string
param refusedPercent int
param failoverPercent int
param milliseconds int
param whenSilent bool

var lines = loadTextContent('../queries/lines.kql')
var rules = [
  {
    name: 'refused'
    title: 'byoe: codes are not mailed'
    description: 'More of what Entra asks than usual is not answered with 200. Where fallback is on, Microsoft mails those codes itself.'
    query: loadTextContent('../queries/refused.kql')
    column: 'percent'
    operator: 'GreaterThanOrEqual'
    threshold: refusedPercent
    severity: 1
    window: 'PT15M'
    every: 'PT5M'
    enabled: true
  }
  {
    name: 'failover'
    title: 'byoe: the first provider fails'
    description: 'More of the mail than usual goes out by another provider than the first.'
    query: loadTextContent('../queries/failover.kql')
    column: 'percent'
    operator: 'GreaterThanOrEqual'
    threshold: failoverPercent
    severity: 2
    window: 'PT15M'
    every: 'PT5M'
    enabled: true
  }
  {
    name: 'slow'
    title: 'byoe: answers are slow'
    description: 'One answer in twenty takes so long that Entra may give up before it.'
    query: loadTextContent('../queries/slow.kql')
    column: 'p95'
    operator: 'GreaterThanOrEqual'
    threshold: milliseconds
    severity: 2
    window: 'PT15M'
    every: 'PT5M'
    enabled: true
  }
  {
    name: 'resting'
    title: 'byoe: a provider is left alone'
    description: 'A provider failed so often in a row that it is not asked for a while.'
    query: loadTextContent('../queries/resting.kql')
    column: 'attempts'
    operator: 'GreaterThan'
    threshold: 0
    severity: 2
    window: 'PT15M'
    every: 'PT5M'
    enabled: true
  }
  {
    name: 'keys'
    title: 'byoe: the tenant\'s signing keys are not to be had'
    description: 'Nobody can be let in: the keys with which Entra signs could not be fetched, for longer than the last ones serve.'
    query: loadTextContent('../queries/keys.kql')
    column: 'calls'
    operator: 'GreaterThan'
    threshold: 0
    severity: 0
    window: 'PT5M'
    every: 'PT5M'
    enabled: true
  }
  {
    name: 'oldkeys'
    title: 'byoe: the tenant\'s signing keys are not renewed'
    description: 'The keys with which Entra signs could not be fetched for two hours. The last ones serve for a day; after it nobody can be let in.'
    query: loadTextContent('../queries/oldkeys.kql')
    column: 'hours'
    operator: 'GreaterThanOrEqual'
    threshold: 2
    severity: 2
    window: 'PT15M'
    every: 'PT15M'
    enabled: true
  }
  {
    name: 'silent'
    title: 'byoe: no code is mailed'
    description: 'Nothing was mailed for six hours: is the listener still there? byoe doctor looks.'
    query: loadTextContent('../queries/silent.kql')
    column: 'mailed'
    operator: 'LessThan'
    threshold: 1
    severity: 2
    window: 'PT6H'
    every: 'PT1H'
    enabled: whenSilent
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'byoe'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'byoe'
    enabled: true
    emailReceivers: [{ name: 'owner', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: 'byoe-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    description: rule.description
    severity: rule.severity
    enabled: rule.enabled
    scopes: [workspace.id]
    evaluationFrequency: rule.every
    windowSize: rule.window
    autoMitigate: true
    // The tables are there only when the app has logged for the first time; until then the query is no error.
    skipQueryValidation: true
    criteria: {
      allOf: [{
        query: '${lines}\n${rule.query}'
        timeAggregation: 'Maximum'
        metricMeasureColumn: rule.column
        operator: rule.operator
        threshold: rule.threshold
        failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
      }]
    }
    actions: { actionGroups: empty(email) ? [] : [people.id] }
  }
}]
