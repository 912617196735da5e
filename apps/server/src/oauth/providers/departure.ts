import { z } from 'zod'
import { callbackPathOf, type Provider } from '../../connections/provider.ts'
import type { Context } from '../../context.ts'
import { equalInConstantTime, randomSecret, sha256 } from '../../crypto/secrets.ts'
import { markUsed } from '../../sessions/used-proofs.ts'
import type { Departure } from './provider-protocol.ts'

/** A person who was sent to a provider. It is kept, sealed, where only the browser that was sent finds it. */
export interface Departed {
  connectionId: string
  /** Its name. */
  connection: string
  /** SHA-256 of the `state`. */
  stateHash: string
  nonce: string
  codeVerifier: string
  maxAge?: number | undefined
  /** Epoch milliseconds. */
  at: number
}

/** Logging in at the provider may include its second factor, or a new account. */
const validMs = 15 * 60_000
const context = 'provider-state'

const stateContent = z.tuple([z.string().startsWith('/'), z.string(), z.string()])

const redirectUriOf = ({ config }: Pick<Context, 'config'>, connection: string) =>
  new URL(callbackPathOf(connection), config.issuer).href

/**
 * @param page the path of this server that goes on with the response, for the browser that `departed` is kept for
 * @returns what to send to the provider, and what to keep
 */
export function depart(
  ctx: Pick<Context, 'config' | 'clock' | 'sealer'>,
  { connectionId, name: connection }: Pick<Provider, 'connectionId' | 'name'>,
  page: string,
  maxAge?: number,
): { departure: Departure; departed: Departed } {
  // The path names the log-in, which the provider must not learn.
  const state = ctx.sealer.seal(JSON.stringify([page, connection, randomSecret()]), context)
  const secrets = { nonce: randomSecret(), codeVerifier: randomSecret(), maxAge }
  return {
    departure: { redirectUri: redirectUriOf(ctx, connection), state, ...secrets },
    departed: { connectionId, connection, stateHash: sha256(state), ...secrets, at: ctx.clock() },
  }
}

/**
 * The page that goes on with a response.
 * @param connection whose address the response came to
 * @returns undefined for a state that this server has not made, or has made for another connection
 */
export function pageOfState(
  ctx: Pick<Context, 'sealer'>,
  connection: string,
  state: string,
): string | undefined {
  if (state.length > 1_000) return undefined
  try {
    const [page, expected] = stateContent.parse(JSON.parse(ctx.sealer.open(state, context)))
    return expected === connection ? page : undefined
  } catch {
    return undefined
  }
}

/**
 * The departure that a response belongs to, for the first request with its `state` alone.
 * @returns undefined when the state is another one, was used before, or is too old
 */
export async function returnFrom(
  ctx: Pick<Context, 'config' | 'store' | 'clock'>,
  { connection, stateHash, nonce, codeVerifier, maxAge, at }: Departed,
  state: string,
): Promise<Departure | undefined> {
  if (!equalInConstantTime(sha256(state), stateHash) || ctx.clock() - at > validMs) return undefined
  if (!(await markUsed(ctx, `provider-state ${stateHash}`, at + validMs))) return undefined
  return { redirectUri: redirectUriOf(ctx, connection), state, nonce, codeVerifier, maxAge }
}
