import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { json } from 'node:stream/consumers'
import type { Lab } from './launcher.ts'

/** What the API tells a program whose token carries the permission: the way through the whole system. */
export async function adminMessage(
  { issuer, audience, api_url, applications }: Lab,
  ca?: string,
): Promise<unknown> {
  const asked = { grant_type: 'client_credentials', audience, ...applications.m2m }
  const token = await send(`${issuer}oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
    ca,
  })
  const authorization = `Bearer ${String(token['access_token'])}`
  const answer = await send(`${api_url}/api/messages/admin`, { headers: { authorization } })
  return answer['text']
}

interface Request {
  method?: string
  headers: Record<string, string>
  body?: string
  /** PEM of the authority to trust. */
  ca?: string | undefined
}

/** `fetch` cannot be told whom to trust. */
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
