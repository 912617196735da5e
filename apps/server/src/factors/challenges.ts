import type { Context } from '../context.ts'
import { randomSecret, sha256 } from '../crypto/secrets.ts'
import { insertArtifact } from '../sessions/store.ts'
import type { Tx } from '../store/transaction.ts'

type Deps = Pick<Context, 'clock' | 'sealer'>

/** A challenge for a security key (WebAuthn §13.4.3), and the value that brings it back with the answer. */
export interface Challenge {
  /** 256 random bits, base64url. */
  challenge: string
  /** The challenge and its time, which open for the same purpose only. */
  sealed: string
}

/** A log-in page can be open for a while before a passkey is chosen from the browser's suggestions. */
const lifetimeMs = 30 * 60_000

const contextOf = (purpose: string) => `webauthn-challenge/${purpose}`

/** @param purpose names what the challenge is for, and whose browser may answer it */
export function issueChallenge({ clock, sealer }: Deps, purpose: string): Challenge {
  const challenge = randomSecret()
  return {
    challenge,
    sealed: sealer.seal(JSON.stringify({ challenge, at: clock() }), contextOf(purpose)),
  }
}

/** @returns undefined where the challenge is for another purpose, has expired, or was not made here */
export function openChallenge({ clock, sealer }: Deps, purpose: string, sealed: string): string | undefined {
  try {
    const opened = sealer.open(sealed, contextOf(purpose))
    const { challenge, at }: { challenge: string; at: number } = JSON.parse(opened)
    return clock() - at <= lifetimeMs ? challenge : undefined
  } catch {
    return undefined
  }
}

/** Uses a challenge up. @returns false where it was used before: of parallel uses one succeeds */
export function consumeChallenge({ db, now }: Tx, challenge: string): Promise<boolean> {
  return insertArtifact(db, {
    kind: 'UsedChallenge',
    id_hash: sha256(challenge),
    payload: '',
    grant_id: null,
    uid: null,
    user_code: null,
    user_id: null,
    client_id: null,
    created_at: now,
    // It cannot be answered any more by then.
    expires_at: now + lifetimeMs,
  })
}
