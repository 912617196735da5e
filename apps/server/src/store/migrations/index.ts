import type { Migration } from 'kysely/migration'
import * as initial from './0001-initial.ts'
import * as securityAndInputs from './0002-security-and-inputs.ts'
import * as search from './0003-search.ts'
import * as live from './0004-live.ts'
import * as operations from './0005-operations.ts'
import * as movingIn from './0006-moving-in.ts'
import * as signIn from './0007-sign-in.ts'

/** In the order of their names. A store records which ones it has run. */
export const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-security-and-inputs': securityAndInputs,
  '0003-search': search,
  '0004-live': live,
  '0005-operations': operations,
  '0006-moving-in': movingIn,
  '0007-sign-in': signIn,
}
