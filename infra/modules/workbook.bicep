// One page with what byoe does, made of the same queries as the alerts.
param location string
param tags object
param workspaceName string

var lines = loadTextContent('../queries/lines.kql')
var charts = [
  { title: 'Answers', query: loadTextContent('../queries/answers.kql'), shape: 'timechart' }
  { title: 'How long they take, in milliseconds', query: loadTextContent('../queries/durations.kql'), shape: 'timechart' }
  { title: 'What the providers did', query: loadTextContent('../queries/providers.kql'), shape: 'table' }
  { title: 'What was not mailed, and why', query: loadTextContent('../queries/failures.kql'), shape: 'table' }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource page 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'byoe')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'byoe'
    category: 'workbook'
    sourceId: workspace.id
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([
        {
          type: 9 // parameters
          content: {
            version: 'KqlParameterItem/1.0'
            parameters: [{
              id: guid(resourceGroup().id, 'byoe', 'time')
              name: 'time'
              type: 4 // a span of time
              isRequired: true
              value: { durationMs: 86400000 }
              typeSettings: { selectableValues: [{ durationMs: 3600000 }, { durationMs: 86400000 }, { durationMs: 604800000 }, { durationMs: 2592000000 }] }
            }]
          }
          name: 'time'
        }
      ], map(charts, chart => {
        type: 3 // a query
        content: {
          version: 'KqlItem/1.0'
          query: '${lines}\n${chart.query}'
          title: chart.title
          timeContextFromParameter: 'time'
          queryType: 0 // logs
          resourceType: 'microsoft.operationalinsights/workspaces'
          visualization: chart.shape
        }
        name: chart.title
      }))
      fallbackResourceIds: [workspace.id]
    })
  }
}
