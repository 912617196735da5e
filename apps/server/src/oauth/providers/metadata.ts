import type { ExportedJWKSCache, ServerMetadata } from 'openid-client'
import type { Provider } from '../../connections/provider.ts'
import type { Context } from '../../context.ts'
import { ProviderError, toProviderError } from './failure.ts'
import { createFetch } from './transport.ts'

/** What is known about a provider's server (OpenID Connect Discovery 1.0), and its keys once they were used. */
export interface KnownServer {
  metadata: Readonly<ServerMetadata>
  keys?: ExportedJWKSCache
}

const freshMs = 5 * 60_000
/** A person who tries again should not meet an error of before; a flood of log-ins should not become one there. */
const failureMs = 5_000
const maxEntries = 500

/** RSA, elliptic curves and Edwards curves. Not `none`, and not with the client's secret. */
const signatures = /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/

/**
 * Reads the metadata of providers when a log-in needs it, and keeps it for some minutes. Log-ins at the same time share one
 * request.
 */
export function createMetadataCache({ clock, config }: Pick<Context, 'clock' | 'config'>) {
  const entries = new Map<string, { until: number; server: Promise<KnownServer> }>()

  return async (provider: Provider): Promise<KnownServer> => {
    const { discoveryUrl = '', issuer = '' } = provider
    const key = `${discoveryUrl}\n${issuer}`
    const now = clock()
    const known = entries.get(key)
    if (known && known.until > now) return known.server
    if (entries.size >= maxEntries) entries.clear()
    const entry = { until: now + freshMs, server: discover(provider, config.localHosts) }
    entries.set(key, entry)
    entry.server.catch(() => {
      entry.until = clock() + failureMs
    })
    return entry.server
  }
}

async function discover(
  { clientId, discoveryUrl = '', issuer }: Provider,
  localHosts: readonly string[],
): Promise<KnownServer> {
  const client = await import('openid-client')
  const url = URL.parse(discoveryUrl)
  if (!url) throw new ProviderError('provider_failed', 'The connection has no valid address of the metadata')
  try {
    const found = await client.discovery(url, clientId, undefined, client.None(), {
      [client.customFetch]: createFetch(localHosts),
    })
    const metadata: ServerMetadata = structuredClone({ ...found.serverMetadata() })
    // The document says who the provider is (Discovery §4.3). Another issuer would be another provider.
    const expected = issuer ?? issuerOf(url)
    if (!isSame(metadata.issuer, expected))
      throw new ProviderError(
        'provider_failed',
        `The metadata are of the issuer ${metadata.issuer}, not of ${expected}`,
      )
    const algorithms = metadata.id_token_signing_alg_values_supported?.filter((alg) => signatures.test(alg))
    return {
      metadata: {
        ...metadata,
        id_token_signing_alg_values_supported: algorithms?.length ? algorithms : ['RS256'],
      },
    }
  } catch (error) {
    throw toProviderError(error, 'Reading the metadata of the provider failed')
  }
}

const issuerOf = ({ href }: URL) => href.replace(/\.well-known\/.*$/, '')
const isSame = (one: string, other: string) => one.replace(/\/$/, '') === other.replace(/\/$/, '')
