import type { Context } from '../context.ts'
import { isForeignKeyViolation } from '../store/constraints.ts'
import { saveSecretUse } from './store.ts'

/** The time that is shown may be so much too early. A secret is used with every token request. */
const resolutionMs = 60_000
const maxRemembered = 10_000

/** Notes when secrets are used. Requests do not wait for it. */
export interface SecretUses {
  note(clientId: string, secretHash: string): void
  /** Resolves when everything noted before is stored or has failed. */
  flush(): Promise<void>
}

/** Writes the time of a use once in a minute for each secret and server. */
export function createSecretUses(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  onProblem: (error: unknown) => void,
): SecretUses {
  const written = new Map<string, number>()
  const writing = new Set<Promise<void>>()

  async function write(clientId: string, secretHash: string, usedAt: number): Promise<void> {
    try {
      await saveSecretUse(store.db, { clientId, secretHash, usedAt })
    } catch (error) {
      written.delete(keyOf(clientId, secretHash))
      // The application was deleted in the meantime.
      if (!isForeignKeyViolation(error)) onProblem(error)
    }
  }

  return {
    note(clientId, secretHash) {
      const now = clock()
      const key = keyOf(clientId, secretHash)
      const last = written.get(key)
      if (last !== undefined && now < last + resolutionMs) return
      if (written.size >= maxRemembered) written.clear()
      written.set(key, now)
      const one = write(clientId, secretHash, now).finally(() => writing.delete(one))
      writing.add(one)
    },
    async flush() {
      await Promise.all(writing)
    },
  }
}

/** Two applications may have been given the same secret. */
const keyOf = (clientId: string, secretHash: string) => `${clientId} ${secretHash}`
