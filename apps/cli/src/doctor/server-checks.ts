import { z } from 'zod'
import { CommandError } from '../errors.ts'
import { fetchJson, type JsonResponse } from '../session/endpoints.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const metadata = z.looseObject({ issuer: z.string(), jwks_uri: z.url() })
export const keySet = z.looseObject({
  keys: z.array(z.looseObject({ kid: z.string().optional(), kty: z.string(), alg: z.string().optional() })),
})
export type KeySet = z.output<typeof keySet>

/** More makes verifiers refuse tokens: the guard allows for 30 seconds. */
const maxSkewSeconds = 10

/** Discovery, issuer, certificate, clock and keys of the server. */
export async function checkServer(issuer: string): Promise<{ findings: Finding[]; keys?: KeySet }> {
  const sentAt = Date.now()
  const found = await attempt(() => fetchJson(new URL('.well-known/openid-configuration', issuer), {}))
  if ('finding' in found) return { findings: [found.finding] }
  const { status, body, headers } = found.response
  const parsed = metadata.safeParse(body)
  if (status !== 200 || !parsed.success)
    return {
      findings: [fail('server', `${issuer} does not answer as an authorization server (status ${status}).`)],
    }
  const findings = [
    ok(
      'server',
      `${issuer} answers${issuer.startsWith('https:') ? ', and its certificate is trusted' : ''}.`,
    ),
    parsed.data.issuer === issuer
      ? ok('issuer', 'The issuer of tokens is the address of the server.')
      : fail(
          'issuer',
          `The server says that its issuer is ${parsed.data.issuer}: set ISSUER of the server, or use that address.`,
        ),
    clockFinding(headers, sentAt, Date.now()),
  ]
  const answer = await attempt(() => fetchJson(parsed.data.jwks_uri, {}))
  if ('finding' in answer) return { findings: [...findings, answer.finding] }
  const set = keySet.safeParse(answer.response.body).data
  if (!set || set.keys.length === 0)
    return { findings: [...findings, fail('keys', `${parsed.data.jwks_uri} has no keys.`)] }
  return { findings: [...findings, ok('keys', `${set.keys.length} keys are published.`)], keys: set }
}

/** The header Date is to the second, and older than the answer by half of its way. */
function clockFinding(headers: Headers, sentAt: number, receivedAt: number): Finding {
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return warn('clock', 'The server does not tell its time.')
  const skew = Math.round((date + 500 - (sentAt + receivedAt) / 2) / 1_000)
  if (Math.abs(skew) <= maxSkewSeconds)
    return ok('clock', 'The clocks of this machine and of the server agree.')
  return fail(
    'clock',
    `The clock of the server is ${Math.abs(skew)} seconds ${skew > 0 ? 'ahead of' : 'behind'} this machine's: set both by NTP.`,
  )
}

/** What an API answers to a request without a token, and to the preflight request of a browser. */
export async function checkApi(url: string, origin: string | undefined): Promise<Finding[]> {
  const answer = await attempt(() => fetchJson(url, { redirect: 'manual' }))
  if ('finding' in answer) return [answer.finding]
  const { status, headers } = answer.response
  const challenge = headers.get('www-authenticate') ?? ''
  const findings = [guardFinding(url, status, challenge)]
  return origin === undefined ? findings : [...findings, await checkCors(url, origin, 'API')]
}

function guardFinding(url: string, status: number, challenge: string): Finding {
  if (status === 401 && /^(bearer|dpop)\b/i.test(challenge)) return ok('API', `${url} asks for a token.`)
  if (status === 401) return warn('API', `${url} answers 401 without a challenge (RFC 6750 §3).`)
  if (status < 400) return warn('API', `${url} answers ${status} without a token: is the route public?`)
  return fail('API', `${url} answers ${status} to a request without a token, and not 401.`)
}

/** Whether a page of the origin may send a request with a token (Fetch Standard, CORS). */
export async function checkCors(url: string, origin: string, subject: string): Promise<Finding> {
  const answer = await attempt(() =>
    fetchJson(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    }),
  )
  if ('finding' in answer) return answer.finding
  const { status, headers } = answer.response
  const allowed = headers.get('access-control-allow-origin')
  if (status >= 400 || (allowed !== '*' && allowed !== origin))
    return fail(
      'CORS',
      `${subject}: pages of ${origin} may not read ${url}: ${subject === 'API' ? 'allow the origin in the API' : 'add it to the allowed web origins of the application'}.`,
    )
  const names = (headers.get('access-control-allow-headers') ?? '').toLowerCase()
  return names === '*' || names.includes('authorization') || subject !== 'API'
    ? ok('CORS', `${subject}: pages of ${origin} may read ${url}.`)
    : fail('CORS', `${subject}: pages of ${origin} may not send the header Authorization to ${url}.`)
}

async function attempt(
  work: () => Promise<JsonResponse>,
): Promise<{ response: JsonResponse } | { finding: Finding }> {
  try {
    return { response: await work() }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { finding: fail('connection', error.message) }
  }
}
