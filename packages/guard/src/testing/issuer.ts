import { createServer } from 'node:http'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK } from 'jose'
import type { AsymmetricAlgorithm } from '../token/algorithms.ts'
import type { JwkSet } from '../token/key-ring.ts'
import { type Fault, signToken } from './faults.ts'

/**
 * The options of {@link createTestIssuer}.
 *
 * @example
 * ```ts
 * import { createTestIssuer, type TestIssuerOptions } from '@rolecall/guard/testing'
 *
 * const options: TestIssuerOptions = { audience: 'https://api.test', algorithm: 'ES256' }
 * const source = await createTestIssuer(options)
 * ```
 */
export interface TestIssuerOptions {
  /** The `iss` of its tokens. Default: `https://issuer.test/`, or its own address once it listens. */
  issuer?: string
  /** The `aud` of its tokens. Default: `https://api.test`. */
  audience?: string
  /** Default: RS256. */
  algorithm?: AsymmetricAlgorithm
  /** Milliseconds since the epoch. Default: `Date.now`. */
  now?: () => number
}

/**
 * The contents of a token of {@link createTestIssuer}.
 *
 * @example
 * ```ts
 * import type { TokenOptions } from '@rolecall/guard/testing'
 *
 * const admin: TokenOptions = { sub: 'auth0|admin', permissions: ['read:admin-messages'] }
 * const adminToken = await issuer.token(admin)
 * ```
 */
export interface TokenOptions {
  /** Default: `auth0|test-user`. */
  sub?: string
  permissions?: readonly string[]
  /** Names separated by spaces. */
  scope?: string
  /** Default: 3600. */
  lifetimeSeconds?: number
  /** Further claims, or other values for the default ones. `undefined` omits a claim. */
  claims?: Readonly<Record<string, unknown>>
  /** Further header parameters, such as `{ typ: 'at+jwt' }`. */
  header?: Readonly<Record<string, unknown>>
  /** Makes the token a bad one. Default: a valid token. */
  fault?: Fault
}

/**
 * An issuer for tests. Pass its `issuer`, `audience` and `keys` to `createGuard`. For an API that takes its issuer from the
 * environment, call `listen` and pass `issuer` alone.
 *
 * @example
 * ```ts
 * import { createTestIssuer, type TestIssuer } from '@rolecall/guard/testing'
 *
 * const source: TestIssuer = await createTestIssuer()
 * await source.listen()
 * console.log(source.issuer) // http://127.0.0.1:…/
 * await source.close()
 * ```
 */
export interface TestIssuer {
  readonly issuer: string
  readonly audience: string
  /** The public keys, for `createGuard`, which calls it again after a rotation. */
  readonly keys: () => JwkSet
  /** A signed token. */
  token(options?: TokenOptions): Promise<string>
  /** Signs with a new key from now on. The old key stays published unless `withdrawOld` is set. */
  rotate(options?: { withdrawOld?: boolean }): Promise<void>
  /**
   * Serves discovery and keys on a free loopback port. `issuer` is that address from then on, unless it was given.
   */
  listen(): Promise<void>
  /** Number of requests since it listens, by path. */
  readonly requests: ReadonlyMap<string, number>
  close(): Promise<void>
}

interface SigningKey {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
  readonly publicKeyText: string
}

/**
 * Creates an issuer with a new signing key.
 *
 * @example
 * ```ts
 * import { createGuard } from '@rolecall/guard'
 * import { createTestIssuer } from '@rolecall/guard/testing'
 *
 * const { issuer: iss, audience, keys, token: sign } = await createTestIssuer()
 * const api = createGuard({ issuer: iss, audience, keys })
 * const { permissions } = await api.verify(await sign({ permissions: ['read:messages'] }))
 * ```
 */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { audience = 'https://api.test', algorithm = 'RS256', now = Date.now } = options
  let issuer = options.issuer ?? 'https://issuer.test/'
  let current = await signingKey(algorithm, 1)
  let former: SigningKey[] = []
  let issued = 0
  let rotations = 1
  const requests = new Map<string, number>()
  const published = (): JwkSet => ({ keys: [current, ...former].map(({ jwk }) => jwk) })

  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.set(path, (requests.get(path) ?? 0) + 1)
    const documents: Record<string, unknown> = {
      '/.well-known/jwks.json': published(),
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}.well-known/jwks.json` },
    }
    const document = documents[path]
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document ?? { error: 'not_found' }))
  })

  return {
    get issuer() {
      return issuer
    },
    audience,
    keys: published,
    requests,
    token: ({
      sub = 'auth0|test-user',
      permissions,
      scope,
      lifetimeSeconds = 3600,
      claims,
      header,
      fault,
    } = {}) => {
      const nowSeconds = Math.floor(now() / 1000)
      issued += 1
      return signToken(
        {
          key: current.privateKey,
          publicKeyText: current.publicKeyText,
          nowSeconds,
          header: { alg: algorithm, typ: 'JWT', kid: current.jwk.kid, ...header },
          claims: {
            iss: issuer,
            sub,
            aud: audience,
            iat: nowSeconds,
            exp: nowSeconds + lifetimeSeconds,
            jti: `test-${issued}`,
            client_id: 'test-client',
            ...(scope !== undefined && { scope }),
            ...(permissions !== undefined && { permissions }),
            ...claims,
          },
        },
        fault,
      )
    },
    rotate: async ({ withdrawOld = false } = {}) => {
      rotations += 1
      former = withdrawOld ? [] : [current, ...former]
      current = await signingKey(algorithm, rotations)
    },
    listen: async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      server.unref()
      const address = server.address()
      if (typeof address !== 'object' || address === null) throw new Error('The issuer does not listen')
      issuer = options.issuer ?? `http://127.0.0.1:${address.port}/`
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function signingKey(algorithm: AsymmetricAlgorithm, number: number): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: `test-key-${number}`, alg: algorithm, use: 'sig' }
  return { privateKey, jwk, publicKeyText: await exportSPKI(publicKey) }
}
