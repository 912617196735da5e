import { z } from 'zod'
import { callbackPath } from '../../connections/provider.ts'
import type { Context } from '../../context.ts'
import { equalInConstantTime, randomSecret, sha256 } from '../../crypto/secrets.ts'
import { markUsed } from '../../sessions/used-proofs.ts'
import type { Departure } from './provider-protocol.ts'

/** A person who was sent to a provider. It is kept, sealed, where only the browser that was sent finds it. */
export interface Departed {
  connectionId: string
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

const stateContent = z.tuple([z.string().startsWith('/'), z.string()])

/** Auth0's address, which is registered at the provider. */
export const redirectUriOf = ({ config }: Pick<Context, 'config'>) =>
  new URL(callbackPath, config.issuer).href

/**
 * @param page the path of this server that goes on with the response, for the browser that `departed` is kept for
 * @returns what to send to the provider, and what to keep
 */
export function depart(
  ctx: Pick<Context, 'config' | 'clock' | 'sealer'>,
  connectionId: string,
  page: string,
  maxAge?: number,
): { departure: Departure; departed: Departed } {
  // The path names the log-in, which the provider must not learn.
  const state = ctx.sealer.seal(JSON.stringify([page, randomSecret()]), context)
  const secrets = { nonce: randomSecret(), codeVerifier: randomSecret(), maxAge }
  return {
    departure: { redirectUri: redirectUriOf(ctx), state, ...secrets },
    departed: { connectionId, stateHash: sha256(state), ...secrets, at: ctx.clock() },
  }
}

/** The page that goes on with a response. @returns undefined for a state that this server has not made */
export function pageOfState(ctx: Pick<Context, 'sealer'>, state: string): string | undefined {
  if (state.length > 1_000) return undefined
  try {
    const [page] = stateContent.parse(JSON.parse(ctx.sealer.open(state, context)))
    return page
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
  { stateHash, nonce, codeVerifier, maxAge, at }: Departed,
  state: string,
): Promise<Departure | undefined> {
  if (!equalInConstantTime(sha256(state), stateHash) || ctx.clock() - at > validMs) return undefined
  if (!(await markUsed(ctx, `provider-state ${stateHash}`, at + validMs))) return undefined
  return { redirectUri: redirectUriOf(ctx), state, nonce, codeVerifier, maxAge }
}
