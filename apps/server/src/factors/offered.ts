import type { FactorPolicy } from '@rolecall/contract'
import { allowsPasskeys, findConnection } from '../connections/store.ts'
import type { Db } from '../store/store.ts'
import type { Method } from './store.ts'

/** Whether users of a connection can set up methods of a type, and log in with them. */
export async function isOffered(
  db: Db,
  { factors }: FactorPolicy,
  connectionName: string,
  type: Method['type'],
): Promise<boolean> {
  switch (type) {
    case 'totp':
      return factors.otp
    case 'webauthn':
      return factors['webauthn-roaming']
    case 'recovery':
      return factors['recovery-code']
    default: {
      const connection = await findConnection(db, connectionName)
      return connection !== undefined && allowsPasskeys(connection)
    }
  }
}
