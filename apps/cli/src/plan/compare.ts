import type { Desired } from '../tenant/desired.ts'
import { Names } from '../tenant/names.ts'
import type { Tenant } from '../tenant/read-tenant.ts'
import { compareApis } from './compare-apis.ts'
import { compareClients } from './compare-clients.ts'
import { compareConnections } from './compare-connections.ts'
import { compareGrants } from './compare-grants.ts'
import { compareRoles } from './compare-roles.ts'
import { type Comparison, type ComparisonInput, difference } from './comparison.ts'
import { compareMembers } from './members.ts'

/**
 * Compares a tenant with files.
 * @param ownClientId the application that the command authenticates as, which is left alone
 * @throws UsageError for what the files cannot mean in this tenant
 */
export function compare(
  tenant: Tenant,
  desired: Desired,
  { issuer, ownClientId, deletes }: { issuer: string; ownClientId: string; deletes: boolean },
): Comparison {
  const names = new Names(tenant, ownClientId)
  const input: ComparisonInput = {
    tenant,
    desired,
    names,
    issuer,
    deletes,
    declared: declaredAfter(tenant, desired),
  }
  const clients = compareClients(input)
  const parts = [
    compareApis(input),
    compareRoles(input),
    clients.part,
    compareGrants(input, clients.ids),
    compareConnections(input, clients.ids),
    compareSettings(input),
  ]
  return {
    changes: [
      ...parts.flatMap(({ changes }) => changes),
      // What refers to others is deleted before them.
      ...parts.toReversed().flatMap(({ deletions }) => deletions),
    ],
    deletions: [],
    differences: parts.flatMap(({ differences }) => differences),
    kept: parts.flatMap(({ kept }) => kept),
    warnings: parts.flatMap(({ warnings }) => warnings),
  }
}

function declaredAfter(tenant: Tenant, { resourceServers }: Desired): Map<string, Set<string>> {
  const declared = new Map(
    tenant.resource_servers.map((api) => [
      api.identifier,
      new Set((api.scopes ?? []).map(({ value }) => value)),
    ]),
  )
  for (const { identifier, scopes } of resourceServers ?? [])
    if (scopes) declared.set(identifier, new Set(scopes.map(({ value }) => value)))
    else if (!declared.has(identifier)) declared.set(identifier, new Set())
  return declared
}

const readOnlySettings = new Set(['sandbox_versions_available'])

function compareSettings({ tenant, desired }: ComparisonInput): Comparison {
  const part: Comparison = { changes: [], deletions: [], differences: [], kept: [], warnings: [] }
  if (!desired.tenant) return part
  const rules = {
    ignored: readOnlySettings,
    merged: new Set(['flags']),
    unordered: new Set(['allowed_logout_urls']),
  }
  const { body, members } = compareMembers(tenant.tenant, inHours(desired.tenant), rules)
  if (members.length === 0) return part
  part.changes.push({ method: 'PATCH', path: '/tenants/settings', body })
  part.differences.push(
    difference('tenant', 'update', tenant.tenant.friendly_name ?? 'settings', { members }),
  )
  return part
}

/** Newer files have lifetimes in minutes. */
function inHours(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) =>
      name.endsWith('_lifetime_in_minutes') && typeof value === 'number'
        ? [name.replace('_in_minutes', ''), value / 60]
        : [name, value],
    ),
  )
}
