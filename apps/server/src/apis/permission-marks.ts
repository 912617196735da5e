import { mark, type NewMark } from '../store/marks.ts'
import type { Tx } from '../store/transaction.ts'
import type { PermissionKey } from './permission-refs.ts'
import { type Api, apiIdentifiersOf } from './store.ts'

/** Marks that these permissions were given or taken: one mark for each API. Call it before an API is deleted. */
export async function markPermissions(
  tx: Tx,
  effect: NewMark['effect'],
  keys: readonly PermissionKey[],
  of: Pick<NewMark, 'subject' | 'application'> = {},
): Promise<void> {
  const byApi = Map.groupBy(keys, ({ apiId }) => apiId)
  for (const { id, identifier } of await apiIdentifiersOf(tx.db, [...byApi.keys()])) {
    const permissions = byApi.get(id)?.map(({ permission }) => permission) ?? []
    mark(tx, { effect, reason: 'permissions', audience: identifier, permissions, ...of })
  }
}

/** Marks what a change of an API's settings means for its tokens. */
export function markApiChange(tx: Tx, before: Api, after: Api): void {
  const audience = after.identifier
  if (rulesOf(before) !== rulesOf(after)) mark(tx, { effect: 'loss', reason: 'permissions', audience })
  const [had, has] = [before, after].map(({ permissions }) => permissions.map(({ value }) => value))
  mark(tx, { effect: 'loss', reason: 'permissions', audience, permissions: without(had, has) })
  mark(tx, { effect: 'gain', reason: 'permissions', audience, permissions: without(has, had) })
}

function without(some: string[] = [], others: string[] = []): string[] {
  const known = new Set(others)
  return some.filter((value) => !known.has(value))
}

/** The settings that decide what a token for the API contains. */
function rulesOf({ enforcePolicies, tokenDialect, extra }: Api): string {
  const subjectTypes = extra['subject_type_authorization'] ?? null
  return JSON.stringify([enforcePolicies ?? false, tokenDialect ?? '', subjectTypes])
}
