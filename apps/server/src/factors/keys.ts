/**
 * Security keys, which are a second factor, and passkeys, with which a user logs in without a password. Both are WebAuthn
 * credentials (https://www.w3.org/TR/webauthn-3/). A passkey also checks who uses it, by a PIN or a fingerprint.
 */
import type { Context } from '../context.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import type { User } from '../users/user.ts'
import { issueChallenge, openChallenge } from './challenges.ts'
import { type Enrolment, type EnrolOutcome, enrol } from './enrolment.ts'
import { newMethodId } from './factors.ts'
import { defaultKeyName } from './key-names.ts'
import { isKey, type KeyMethod, listMethods, type Method } from './store.ts'
import {
  type CreationOptions,
  creationOptions,
  InvalidAnswerError,
  relyingPartyOf,
  verifyCreated,
} from './webauthn.ts'

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'mailer' | 'config'>

/** What a page needs to make a key. */
export interface KeyOffer {
  /** For `navigator.credentials.create`, as JSON. */
  options: CreationOptions
  /** For the form that sends the answer. It is bound to the user, to where the form is, and to the user's other methods. */
  sealed: string
}

/** An offer is good for one key: adding one changes `factorsChangedAt`. */
const purposeOf = (user: User, binding: string, type: KeyMethod['type']) =>
  `offer/${type}/${user.userId}/${user.factorsChangedAt ?? 0}/${binding}`

/**
 * Offers a challenge for a new security key or passkey.
 * @param binding names the browser or request that may answer, such as the uid of an interaction
 * @returns undefined where browsers refuse keys for this issuer
 */
export async function offerKey(
  ctx: Deps,
  user: User,
  binding: string,
  type: KeyMethod['type'],
): Promise<KeyOffer | undefined> {
  const party = relyingPartyOf(ctx.config)
  if (!party) return undefined
  const { db } = ctx.store
  const { challenge, sealed } = issueChallenge(ctx, purposeOf(user, binding, type))
  const { friendly_name: tenant } = await tenantSettings(db)
  const keys = (await listMethods(db, user.userId)).filter(isKey)
  // A second factor may become a passkey, on the same key. The other way round nothing is gained.
  const known = keys.filter((key) => type === 'webauthn' || key.type === 'passkey')
  return { options: await creationOptions(ctx, party, { type, challenge, tenant, user, known }), sealed }
}

/**
 * Stores the key that answered an offer. The caller has checked that the user has just logged in, and read `user` before.
 * @param given `answer` is what the page's script sends, as JSON; an empty `name` becomes a default one
 */
export async function enrolKey(
  ctx: Deps,
  user: User,
  given: Enrolment & {
    binding: string
    type: KeyMethod['type']
    sealed: string
    answer: string
    name?: string | undefined
  },
): Promise<EnrolOutcome> {
  const { type } = given
  const party = relyingPartyOf(ctx.config)
  if (!party) return { refused: 'not_offered' }
  const challenge = openChallenge(ctx, purposeOf(user, given.binding, type), given.sealed)
  if (challenge === undefined) return { refused: 'offer_expired' }
  try {
    const isPasskey = type === 'passkey'
    const { aaguid, ...key } = await verifyCreated(party, given.answer, { challenge, isPasskey })
    return await transaction(ctx, (tx: Tx) =>
      enrol(ctx, tx, user, given, (known: readonly Method[]) => ({
        id: newMethodId(type),
        userId: user.userId,
        type,
        name: given.name || defaultKeyName(type, aaguid, known),
        ...key,
        createdAt: tx.now,
      })),
    )
  } catch (error) {
    if (error instanceof InvalidAnswerError) return { refused: 'wrong_key' }
    throw error
  }
}
