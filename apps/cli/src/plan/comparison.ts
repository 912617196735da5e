import type { configurationTypes, PlannedChange } from '@rolecall/contract'
import type { Desired } from '../tenant/desired.ts'
import type { Names } from '../tenant/names.ts'
import type { Tenant } from '../tenant/read-tenant.ts'
import type { MemberChange } from './members.ts'

/** What every section is compared with. */
export interface ComparisonInput {
  tenant: Tenant
  desired: Desired
  names: Names
  issuer: string
  /** Whether what the files do not have is deleted. */
  deletes: boolean
  /** The permissions of each API when the plan is applied, by identifier. */
  declared: ReadonlyMap<string, ReadonlySet<string>>
}

export type ObjectType = (typeof configurationTypes)[number]

/** One object that a plan creates, changes or deletes, for people. */
export interface Difference {
  type: ObjectType
  name: string
  change: 'create' | 'update' | 'delete'
  members: MemberChange[]
  /** Permissions, or applications of a connection, by name. */
  added: string[]
  removed: string[]
}

/** What is different between a tenant and files, and the requests that make the tenant as the files are. */
export interface Comparison {
  /** In the order in which they are made: deletions are last, so that nothing that stays refers to what goes. */
  changes: PlannedChange[]
  deletions: PlannedChange[]
  differences: Difference[]
  /** Objects that the files do not have and that stay. */
  kept: { type: ObjectType; name: string }[]
  warnings: string[]
}

export const emptyComparison = (): Comparison => ({
  changes: [],
  deletions: [],
  differences: [],
  kept: [],
  warnings: [],
})

export function difference(
  type: ObjectType,
  change: Difference['change'],
  name: string,
  more: Partial<Difference> = {},
): Difference {
  return { type, name, change, members: [], added: [], removed: [], ...more }
}

/** Deletes what the files do not have, or says that it stays. */
export function remove(
  part: Comparison,
  { type, name, path: removed }: { type: ObjectType; name: string; path: string },
  isAllowed: boolean,
): void {
  if (!isAllowed) {
    part.kept.push({ type, name })
    return
  }
  part.deletions.push({ method: 'DELETE', path: removed })
  part.differences.push(difference(type, 'delete', name))
}

/** A path with ids as its segments: `` path`/roles/${id}/permissions` ``. */
export function path(texts: TemplateStringsArray, ...ids: string[]): string {
  return texts.reduce((whole, text, index) => {
    const id = ids[index - 1] ?? ''
    // A name of an object that the plan creates stands for its id as it is.
    return whole + (id.startsWith('new:') ? id : encodeURIComponent(id)) + text
  })
}
