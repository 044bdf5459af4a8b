// Everything of byoe that lives in an Azure subscription. The Entra side is in another directory, and byoe setup makes it.
targetScope = 'subscription'

@description('Name of this deployment: of its resource group, and the root of the other names.')
@minLength(2)
@maxLength(40)
param environmentName string

@description('Region of everything that has one. Flex Consumption must be there: az functionapp list-flexconsumption-locations.')
param location string

@description('Object id of who deploys, who then may put secrets into the vault; nobody more where empty.')
param deployerId string = ''

@description('What deployerId is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param deployerType string = 'User'

// What byoe setup prints, once it has run.

@description('ENTRA_TENANT_ID: id of the external tenant; several, comma-separated.')
param entraTenantId string = ''

@description('ENTRA_AUDIENCE: client id of the app registration that byoe setup made.')
param entraAudience string = ''

@description('ENTRA_ALLOWED_EXTENSIONS: id of the extension that may call; all where empty.')
param entraAllowedExtensions string = ''

// The mail.

@description('MAIL_PROVIDERS: who is asked, in this order, comma-separated.')
param mailProviders string = ''

@description('MAIL_FROM: the sender, such as "Contoso <no-reply@contoso.example>". With an Azure-managed domain it may be empty.')
param mailFrom string = ''

@description('More settings of docs/configuration.md, by name. None of them may be a secret.')
param settings object = {}

@description('Names of the settings that are secrets, comma-separated. Each is read from the vault: SENDGRID_API_KEY is the secret SENDGRID-API-KEY.')
param secretSettings string = 'BYOE_HASH_KEY'

@description('Makes Communication Services for mail: AzureManaged (a domain of Azure\'s, ten mails an hour), the name of a domain of yours, or nothing where empty.')
param emailDomain string = ''

@description('Whether the domain of yours is verified. Only then can it be linked: deploy, add the DNS records, verify, set this, deploy again.')
param emailDomainVerified bool = false

@description('Where Communication Services keep what they keep.')
@allowed(['Africa', 'Asia Pacific', 'Australia', 'Brazil', 'Canada', 'Europe', 'France', 'Germany', 'India', 'Japan', 'Korea', 'Norway', 'Switzerland', 'UAE', 'UK', 'United States'])
param emailDataLocation string = 'Europe'

// The Function App.

@description('Instances that are always there. Entra waits two seconds at most, a start from nothing takes longer: at least one.')
@minValue(1)
@maxValue(100)
param alwaysReadyInstances int = 1

@description('Most instances.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemory int = 512

@description('Requests that one instance takes at the same time before another is started.')
@minValue(1)
@maxValue(1000)
param instanceConcurrency int = 64

@description('Spreads the instances and the store over the zones of the region, where it has them. At least two instances are then always there.')
param zoneRedundant bool = false

// Watching.

@description('Who is told by mail when something is wrong; nobody where empty, and the alerts are in the portal.')
param alertEmail string = ''

@description('Alerts where this much of what Entra asks, in percent, is not answered with 200.')
@minValue(1)
@maxValue(100)
param alertRefusedPercent int = 5

@description('Alerts where this much of the mail, in percent, goes out by another provider than the first.')
@minValue(1)
@maxValue(100)
param alertFailoverPercent int = 10

@description('Alerts where one answer in twenty takes longer than this, in milliseconds. Entra waits 2000.')
@minValue(100)
@maxValue(2000)
param alertMilliseconds int = 1500

@description('Alerts where no code is mailed for six hours. Only for a tenant that is never that quiet.')
param alertWhenSilent bool = false

@description('How long logs are kept, in days. They hold no address and no code.')
@minValue(30)
@maxValue(730)
param logRetention int = 30

@description('Most that is logged a day, in GB: a flood costs no more than this. Alerts see nothing more on a day that reaches it.')
@minValue(1)
param logDailyCap int = 5

var tags = { 'azd-env-name': environmentName }
var token = uniqueString(subscription().id, environmentName, location)

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: { name: 'id-${token}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    workspaceName: 'log-${token}'
    componentName: 'appi-${token}'
    location: location
    tags: tags
    retention: logRetention
    dailyCap: logDailyCap
    principalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    principalId: identity.outputs.principalId
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  name: 'vault'
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    deployerId: deployerId
    deployerType: deployerType
  }
}

module email 'modules/email.bicep' = if (!empty(emailDomain)) {
  scope: group
  name: 'email'
  params: {
    name: 'acs-${token}'
    domain: emailDomain
    domainVerified: emailDomainVerified
    dataLocation: emailDataLocation
    tags: tags
    principalId: identity.outputs.principalId
  }
}

var entraSettings = {
  ENTRA_TENANT_ID: entraTenantId
  ENTRA_AUDIENCE: entraAudience
  ENTRA_ALLOWED_EXTENSIONS: entraAllowedExtensions
}
var mailSettings = {
  MAIL_PROVIDERS: mailProviders
  MAIL_FROM: empty(mailFrom) && emailDomain == 'AzureManaged' ? email!.outputs.sender : mailFrom
}
var emailSettings = empty(emailDomain) ? {} : {
  ACS_ENDPOINT: email!.outputs.endpoint
  ACS_CLIENT_ID: identity.outputs.clientId
}

module functionApp 'modules/functionapp.bicep' = {
  scope: group
  name: 'functionapp'
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityName: identity.outputs.name
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    componentName: monitoring.outputs.componentName
    vaultName: vault.outputs.name
    settings: union(entraSettings, mailSettings, emailSettings, settings)
    secretSettings: filter(map(split(secretSettings, ','), name => trim(name)), name => !empty(name))
    alwaysReadyInstances: zoneRedundant ? max(alwaysReadyInstances, 2) : alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemory: instanceMemory
    instanceConcurrency: instanceConcurrency
    zoneRedundant: zoneRedundant
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: {
    location: location
    tags: tags
    workspaceName: monitoring.outputs.workspaceName
    email: alertEmail
    refusedPercent: alertRefusedPercent
    failoverPercent: alertFailoverPercent
    milliseconds: alertMilliseconds
    whenSilent: alertWhenSilent
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  name: 'workbook'
  params: { location: location, tags: tags, workspaceName: monitoring.outputs.workspaceName }
}

// azd keeps these in its environment, and the hooks read them there. None is a secret.
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = functionApp.outputs.name
output FUNCTION_APP_ID string = functionApp.outputs.id
output FUNCTION_APP_HOST string = functionApp.outputs.host
output KEY_VAULT_NAME string = vault.outputs.name
output IDENTITY_CLIENT_ID string = identity.outputs.clientId
