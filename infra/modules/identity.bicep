// Who the Function App is. An identity of its own kind outlives the app, and has its roles before the app starts for the first
// time: with the app's built-in identity the host's first minutes are refusals.
param name string
param location string
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

output name string = identity.name
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
