import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { json } from 'node:stream/consumers'
import { tutorial } from '@rolecall/server/tutorial'
import type { Lab } from './launcher.ts'

/** Gets a token with client credentials and returns the admin message of the API. */
export async function adminMessage(
  { issuer, audience, api_url, applications }: Lab,
  ca?: string,
): Promise<unknown> {
  const tokenRequest = { grant_type: 'client_credentials', audience, ...applications.m2m }
  const token = await send(`${issuer}oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(tokenRequest),
    ca,
  })
  const authorization = `Bearer ${String(token['access_token'])}`
  const answer = await send(`${api_url}${tutorial.routes.admin}`, { headers: { authorization } })
  return answer['text']
}

interface Request {
  method?: string
  headers: Record<string, string>
  body?: string
  /** PEM of the certificate authority to trust. */
  ca?: string | undefined
}

/** Used because `fetch` has no option for a certificate authority. */
function send(url: string, { body, ...options }: Request): Promise<Record<string, unknown>> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      json(response).then((value) => resolve(Object(value)), reject)
    })
      .once('error', reject)
      .end(body)
  })
}
