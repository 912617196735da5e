import type { ProviderCheck } from '@rolecall/contract'
import { z } from 'zod'
import { OutboundError, problemOfAddress, sendOutbound } from '../http/outbound.ts'
import type { Provider } from './provider.ts'

/** Reads the metadata of a provider once, for an administrator who sets up a connection. */

const timeoutMs = 5_000

const names = z.array(z.string())
/** The members of the metadata that a log-in uses (OpenID Connect Discovery 1.0 §3). */
const metadata = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  userinfo_endpoint: z.string().optional(),
  scopes_supported: names.optional(),
  response_types_supported: names.optional(),
  token_endpoint_auth_methods_supported: names.optional(),
  code_challenge_methods_supported: names.optional(),
})
type Metadata = z.output<typeof metadata>

/** What would keep people from logging in, in one sentence, or nothing. */
export async function checkProvider(
  localHosts: readonly string[],
  provider: Provider,
): Promise<ProviderCheck> {
  const found = await readMetadata(localHosts, provider)
  if ('problem' in found) return { ok: false, ...found }
  const problem = problemOf(localHosts, provider, found)
  return { ok: problem === undefined, ...(problem !== undefined && { problem }), issuer: found.issuer }
}

async function readMetadata(
  localHosts: readonly string[],
  { discoveryUrl = '' }: Provider,
): Promise<Metadata | { problem: string }> {
  try {
    const { status, body } = await sendOutbound(localHosts, {
      method: 'GET',
      url: discoveryUrl,
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (status !== 200)
      return {
        problem: `${discoveryUrl} answered with the status ${status}. Is it the address of the metadata?`,
      }
    const { data, error } = metadata.safeParse(JSON.parse(body))
    const [issue] = error?.issues ?? []
    if (issue) return { problem: `The metadata have no valid ${issue.path.join('.') || 'members'}` }
    return data ?? { problem: 'The metadata are empty' }
  } catch (error) {
    if (error instanceof OutboundError) return { problem: `The metadata could not be read: ${error.message}` }
    if (error instanceof SyntaxError) return { problem: `${discoveryUrl} did not answer with JSON` }
    throw error
  }
}

function problemOf(localHosts: readonly string[], provider: Provider, found: Metadata): string | undefined {
  return (
    issuerProblem(provider, found) ?? addressProblem(localHosts, found) ?? supportProblem(provider, found)
  )
}

function issuerProblem({ issuer, discoveryUrl = '' }: Provider, found: Metadata): string | undefined {
  const expected = issuer ?? discoveryUrl.replace(/\.well-known\/[^]*$/, '')
  const [one, other] = [expected, found.issuer].map((url) => url.replace(/\/$/, ''))
  return one === other
    ? undefined
    : `The metadata are of the issuer ${found.issuer}, not of ${expected}. Set issuer to it if this is the provider that you mean`
}

function addressProblem(localHosts: readonly string[], found: Metadata): string | undefined {
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'] as const) {
    const url = found[name]
    const problem = url === undefined ? undefined : problemOfAddress(localHosts, url)
    if (problem !== undefined) return `${name} cannot be used: ${problem}`
  }
  return undefined
}

function supportProblem(provider: Provider, found: Metadata): string | undefined {
  const { scopes, tokenAuthMethod, clientSecret, pkce } = provider
  // Without the member, the provider supports the default of Discovery §3.
  const methods = found.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const scope = scopes.find((name) => found.scopes_supported?.includes(name) === false)
  if (found.response_types_supported?.includes('code') === false)
    return 'The provider does not support the response type code'
  if (tokenAuthMethod.startsWith('client_secret') && clientSecret === undefined)
    return `The client secret is not set, which ${tokenAuthMethod} needs`
  if (tokenAuthMethod !== 'none' && !methods.includes(tokenAuthMethod))
    return `The provider does not support ${tokenAuthMethod} at its token endpoint. It supports ${methods.join(', ')}`
  if (scope !== undefined) return `The provider does not know the scope ${scope}`
  if (pkce === 'S256' && found.code_challenge_methods_supported?.includes('S256') === false)
    return 'The provider does not support PKCE with S256: set connection_settings.pkce to disabled'
  return undefined
}
