// Communication Services for mail, which the Function App uses as itself. Keys cannot be turned off there; none is read here.
param name string
@description('AzureManaged, or the name of a domain of the owner\'s.')
param domain string
param domainVerified bool
param dataLocation string
param tags object
@description('Who may send: the Function App.')
param principalId string

var managed = domain == 'AzureManaged'
// Communication and Email Service Owner. There is no narrower built-in role with which mail can be sent; it counts for this one
// resource.
var sender = '09976791-48a7-449e-bb21-39d1a415f350'

resource emailService 'Microsoft.Communication/emailServices@2023-04-01' = {
  name: '${name}-email'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }
}

resource emailDomain 'Microsoft.Communication/emailServices/domains@2023-04-01' = {
  parent: emailService
  name: managed ? 'AzureManagedDomain' : domain
  location: 'global'
  tags: tags
  properties: {
    domainManagement: managed ? 'AzureManaged' : 'CustomerManaged'
    userEngagementTracking: 'Disabled' // a picture that tells when a code was read is nobody's business
  }
}

resource service 'Microsoft.Communication/communicationServices@2023-04-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
    linkedDomains: managed || domainVerified ? [emailDomain.id] : []
  }
}

resource sends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: service
  name: guid(service.id, principalId, sender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}

output endpoint string = 'https://${service.properties.hostName}'
output sender string = 'DoNotReply@${emailDomain.properties.mailFromSenderDomain}'
