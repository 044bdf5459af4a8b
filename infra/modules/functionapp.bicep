// The Function App: Flex Consumption, which is the one plan of Linux with instances that are always there and nothing to pay for the
// others while nobody signs in.
param name string
param planName string
param location string
param tags object
param identityName string
param storageName string
param deploymentContainer string
param componentName string
param vaultName string
@description('Settings by name; empty ones are left out.')
param settings object
@description('Names of the settings whose values are in the vault.')
param secretSettings string[]
param alwaysReadyInstances int
param maximumInstances int
param instanceMemory int
param instanceConcurrency int
param zoneRedundant bool

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// FUNCTIONS_WORKER_RUNTIME and WEBSITE_RUN_FROM_PACKAGE have no place here: Flex Consumption refuses them.
var hostSettings = {
  AzureWebJobsStorage__accountName: storage.name
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  // Sampling drops lines, and the one that is looked for is among them.
  AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__isEnabled: 'false'
}
// A vault's secret may have hyphens in its name, and no underscores.
var secrets = toObject(secretSettings, setting => setting, setting => '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${replace(setting, '_', '-')})')
var given = toObject(filter(items(settings), setting => !empty(string(setting.value))), setting => setting.key, setting => string(setting.value))

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'webhook' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: { name: 'custom', version: '1.0' }
      scaleAndConcurrency: {
        alwaysReady: [{ name: 'http', instanceCount: alwaysReadyInstances }]
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemory
        triggers: { http: { perInstanceConcurrency: instanceConcurrency } }
      }
    }
    siteConfig: { minTlsVersion: '1.2' }
  }
}

// Everything in one place: what is set by hand beside this is gone with the next deployment.
resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(given, secrets, hostSettings)
}

// Publishing with a user name and a password is off: who deploys is signed in.
resource noPasswordOverFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noPasswordOverScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output name string = app.name
output id string = app.id
output host string = app.properties.defaultHostName
