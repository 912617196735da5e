import { join } from 'node:path'
import {
  ensureLocalCertificates,
  type LocalCertificates,
} from '../../apps/server/src/crypto/local-certificates.ts'
import { type Addresses, addressesOf } from './addresses.ts'
import type { Options } from './options.ts'
import { audience } from './tutorial.ts'

/** What each part is told about the others, in its own variables. */
export interface Environments {
  at: Addresses
  server: Record<string, string>
  /** @param application the API's own application, for live mode */
  api: (application: { client_id: string; client_secret: string } | undefined) => Record<string, string>
  /** Part of the client's build; a framework puts its own prefix in front of each name. */
  client: (clientId: string | undefined) => Record<string, string>
  /** With --https: what a browser or program has to trust. */
  caFile?: string
}

export async function environmentsOf(options: Options): Promise<Environments> {
  const at = addressesOf(options)
  const domain = new URL(at.issuer).origin
  // With https at the server alone, the two are different sites: browsers that block third-party cookies give the hidden
  // iframe no session, and the client would lose its log-in at every reload.
  const renewal = process.env['VITE_AUTH0_USE_REFRESH_TOKENS'] ?? (options.https ? 'true' : undefined)
  const tls = options.https
    ? await ensureLocalCertificates(join(options.dir, 'tls'), { hosts: [options.host] })
    : undefined
  return {
    at,
    server: {
      ISSUER: at.issuer,
      HOST: 'localhost',
      PORT: String(options.ports.server),
      DATA_DIR: options.dir,
      ...(tls && serving(tls)),
    },
    api: (application) => ({
      AUTH0_DOMAIN: domain,
      AUTH0_AUDIENCE: audience,
      CLIENT_ORIGIN_URL: at.client,
      PORT: String(options.ports.api),
      ...(application && {
        LIVE_CLIENT_ID: application.client_id,
        LIVE_CLIENT_SECRET: application.client_secret,
      }),
      ...(tls && { NODE_EXTRA_CA_CERTS: tls.caFile }),
    }),
    client: (clientId) => ({
      AUTH0_DOMAIN: domain,
      ...(clientId && { AUTH0_CLIENT_ID: clientId }),
      AUTH0_CALLBACK_URL: `${at.client}/callback`,
      AUTH0_AUDIENCE: audience,
      API_SERVER_URL: at.api,
      // Named here too, so that a build made without it counts as stale.
      ...(renewal !== undefined && { AUTH0_USE_REFRESH_TOKENS: renewal }),
    }),
    ...(tls && { caFile: tls.caFile }),
  }
}

function serving({ certFile, keyFile }: LocalCertificates) {
  return { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }
}
