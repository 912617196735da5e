import type { ApplicationSecret } from '@rolecall/contract'
import { equalInConstantTime, randomSecret, sha256 } from '../crypto/secrets.ts'
import { conflict, notSupported } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { changeApplication, usesSecret } from './applications.ts'
import { type Application, type Secrets, secretUses } from './store.ts'

/**
 * The secrets of an application: the current one, and after a rotation the previous one until it ends. There are never
 * more than two, so a rotation ends a previous secret that is still accepted.
 */

/** @returns the hash of the secret that was given; undefined when it is none that is accepted */
export function matchSecret(
  { secretHash, previousSecret }: Secrets,
  given: string,
  now: number,
): string | undefined {
  const hash = sha256(given)
  // Both are compared always, so that the time does not tell which of them is accepted.
  const isCurrent = equalInConstantTime(hash, secretHash ?? '')
  const isPrevious = equalInConstantTime(hash, previousSecret?.hash ?? '')
  if (secretHash !== undefined && isCurrent) return hash
  return previousSecret !== undefined && isPrevious && now < previousSecret.endsAt ? hash : undefined
}

/**
 * Replaces the secret. The old one is accepted for `keptForSeconds`; with 0 it ends at once.
 * @throws ApiError 404, 403, 400 for an application without a secret
 */
export async function rotateSecret(
  tx: Tx,
  clientId: string,
  keptForSeconds = 0,
): Promise<{ application: Application; clientSecret: string }> {
  const clientSecret = randomSecret()
  const { after } = await changeApplication(tx, clientId, (application) => {
    const { previousSecret: _, ...before } = application
    if (!usesSecret(before.data))
      throw notSupported('This application has no secret: set token_endpoint_auth_method first')
    const { secretHash: hash, secretCreatedAt: createdAt } = before
    const endsAt = tx.now + keptForSeconds * 1_000
    return {
      ...before,
      secretHash: sha256(clientSecret),
      secretCreatedAt: tx.now,
      ...(hash !== undefined &&
        keptForSeconds > 0 && {
          previousSecret: { hash, endsAt, ...(createdAt !== undefined && { createdAt }) },
        }),
    }
  })
  return { application: after, clientSecret }
}

/** Ends the previous secret before its time. @throws ApiError 404, 403, 409 when there is none */
export async function endPreviousSecret(tx: Tx, clientId: string): Promise<Application> {
  const { after } = await changeApplication(tx, clientId, ({ previousSecret, ...before }) => {
    if (previousSecret === undefined || previousSecret.endsAt <= tx.now)
      throw conflict('The application has no previous secret', 'no_previous_secret')
    return before
  })
  return after
}

/** The secrets that are accepted, without their values: those are not stored. */
export async function listSecrets(
  db: Db,
  { clientId, secretHash, secretCreatedAt, previousSecret }: Application,
  now: number,
): Promise<ApplicationSecret[]> {
  const uses = await secretUses(db, clientId)
  const times = (hash: string, createdAt: number | undefined) => {
    const usedAt = uses.get(hash)
    return {
      ...(createdAt !== undefined && { created_at: iso(createdAt) }),
      ...(usedAt !== undefined && { last_used_at: iso(usedAt) }),
    }
  }
  const secrets: ApplicationSecret[] = []
  if (secretHash !== undefined) secrets.push({ kind: 'current', ...times(secretHash, secretCreatedAt) })
  if (previousSecret !== undefined && previousSecret.endsAt > now)
    secrets.push({
      kind: 'previous',
      ...times(previousSecret.hash, previousSecret.createdAt),
      ends_at: iso(previousSecret.endsAt),
    })
  return secrets
}

const iso = (time: number) => new Date(time).toISOString()
