import { z } from 'zod'
import { CommandError } from '../errors.ts'
import { safe, type Terminal } from '../terminal.ts'
import { type Endpoints, fetchJson, requestToken, TokenError } from './endpoints.ts'
import type { Tokens } from './profiles.ts'

export interface LogInRequest {
  endpoints: Endpoints
  clientId: string
  scope: string
  audience: string
}

/** RFC 8628 §3.2. Times are in seconds. */
const deviceResponse = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string().optional(),
  expires_in: z.number(),
  interval: z.number().default(5),
})

/** The device flow (RFC 8628): the person enters a code in a browser, and this program polls for the tokens. */
export async function logInWithDevice(
  terminal: Terminal,
  { endpoints, clientId, scope, audience }: LogInRequest,
): Promise<Tokens> {
  const endpoint = endpoints.device_authorization_endpoint
  if (endpoint === undefined)
    throw new CommandError('The server has no device flow. Log in without --device.')
  const body = new URLSearchParams({ client_id: clientId, scope, audience })
  const response = await fetchJson(endpoint, { method: 'POST', body })
  const started = deviceResponse.safeParse(response.body)
  if (response.status !== 200 || !started.success)
    throw new CommandError(
      `The server refused the device flow for the application ${clientId}: ${reasonOf(response.body)}`,
    )
  const { device_code, user_code, verification_uri, verification_uri_complete, expires_in } = started.data
  terminal.note(`Open ${safe(verification_uri)} and enter the code ${safe(user_code)}`)
  if (verification_uri_complete) terminal.note(`or open ${safe(verification_uri_complete)}`)
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  const until = Date.now() + expires_in * 1_000
  let { interval } = started.data
  while (Date.now() < until) {
    await terminal.wait(interval * 1_000)
    try {
      return await requestToken(endpoints, { grant_type, device_code, client_id: clientId })
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      // RFC 8628 §3.5: five seconds more for each slow_down.
      if (error.code === 'slow_down') interval += 5
      else if (error.code !== 'authorization_pending') throw error
    }
  }
  throw new CommandError('The code has expired. Run the command again.')
}

function reasonOf(body: unknown): string {
  const { error, error_description: description } =
    z.object({ error: z.string(), error_description: z.string().optional() }).safeParse(body).data ?? {}
  return description ?? error ?? 'no reason was given'
}
