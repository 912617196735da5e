import { managementEndpoints, type OpenApi } from './management-endpoints.ts'
import { oauthEndpoints } from './oauth-endpoints.ts'
import { type Endpoint, send } from './request.ts'
import type { World } from './world.ts'

/** All that the server answers: the routes that its API's description names, and the OAuth endpoints and pages. */
export async function allEndpoints({ issuer }: World): Promise<Endpoint[]> {
  const { text } = await send(issuer, { method: 'GET', target: '/api/v2/openapi.json', headers: {} })
  return [...managementEndpoints(JSON.parse(text) as OpenApi), ...oauthEndpoints()]
}
