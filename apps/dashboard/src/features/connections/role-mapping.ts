import type { Connection, ConnectionOptions } from '../../shared/management/connections.ts'
import { common } from '../../shared/text.ts'
import { roleMapping as text } from './text.ts'

export interface MappingRow {
  /** In the claim. */
  value: string
  /** The name of a role. */
  role: string
}

export interface MappingValues {
  claim: string
  rows: MappingRow[]
}

/** What the form shows of a stored connection. */
export function mappingValues({
  strategy,
  options: { role_mapping: mapping },
}: Pick<Connection, 'strategy' | 'options'>): MappingValues {
  const usual = strategy === 'github' ? 'organizations' : 'groups'
  return mapping ? { claim: mapping.claim, rows: mapping.roles } : { claim: usual, rows: [] }
}

/** The option that is stored; null where nothing is mapped. */
export function mappingOf({ claim, rows }: MappingValues): ConnectionOptions['role_mapping'] {
  const roles = rows.map(({ value, role }) => ({ value: value.trim(), role }))
  return roles.length === 0 ? null : { claim: claim.trim(), roles }
}

export function validateMapping({ claim, rows }: MappingValues) {
  return {
    claim: rows.length > 0 && !claim.trim() ? common.required : undefined,
    rows: rowsProblem(rows),
  }
}

function rowsProblem(rows: readonly MappingRow[]): string | undefined {
  if (rows.some(({ value, role }) => !value.trim() || !role)) return text.incomplete
  const pairs = rows.map(({ value, role }) => JSON.stringify([value.trim(), role]))
  return new Set(pairs).size < pairs.length ? text.twice : undefined
}

/** The roles that a change of the mapping takes from everybody whom only this connection gives them. */
export function rolesTaken(before: MappingValues, after: MappingValues): string[] {
  const kept = new Set(after.rows.map(({ role }) => role))
  return [...new Set(before.rows.map(({ role }) => role))].filter((role) => !kept.has(role))
}
