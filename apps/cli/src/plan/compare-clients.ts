import {
  type Comparison,
  type ComparisonInput,
  difference,
  emptyComparison,
  path,
  remove,
} from './comparison.ts'
import { bodyOf, compareMembers, type MemberRules } from './members.ts'

const rules: MemberRules = {
  ignored: new Set([
    'name',
    'client_id',
    'client_secret',
    'client_authentication_methods',
    'tenant',
    'global',
    'is_system',
    'signing_keys',
    'callback_url_template',
    'config_route',
    'owners',
  ]),
  unordered: new Set([
    'callbacks',
    'allowed_logout_urls',
    'web_origins',
    'allowed_origins',
    'grant_types',
    'allowed_clients',
    'client_aliases',
  ]),
  merged: new Set(['jwt_configuration', 'refresh_token']),
  replaced: new Set(['client_metadata']),
}

/** @returns the comparison, and the ids of applications by name: of new ones what stands for their ids */
export function compareClients({ tenant, desired, names, deletes }: ComparisonInput): {
  part: Comparison
  ids: ReadonlyMap<string, string>
} {
  const part = emptyComparison()
  const ids = new Map(names.clients.map(({ name, client_id: id }) => [name, id]))
  if (!desired.clients) return { part, ids }
  const own = new Set(
    tenant.clients.filter(({ client_id: id }) => names.untouched.has(id)).map(({ name }) => name),
  )
  const current = new Map(names.clients.map((client) => [client.name, client]))
  for (const [index, wanted] of desired.clients.entries()) {
    const { name } = wanted
    const existing = current.get(name)
    for (const member of ['client_secret', 'client_authentication_methods'])
      if (wanted[member] !== undefined)
        part.warnings.push(
          `${member} of the application ${name} is left out: secrets and keys are not part of files`,
        )
    if (existing) {
      const { body, members } = compareMembers(existing, wanted, rules)
      if (members.length === 0) continue
      part.changes.push({ method: 'PATCH', path: path`/clients/${existing.client_id}`, body })
      part.differences.push(difference('client', 'update', name, { members }))
    } else if (own.has(name))
      part.warnings.push(
        `the application ${name} is kept by the system or is the one of this command, and is left out`,
      )
    else {
      const as = `new:client-${index}`
      ids.set(name, as)
      part.changes.push({
        method: 'POST',
        path: '/clients',
        as,
        body: { ...bodyOf(wanted, rules.ignored), name },
      })
      part.differences.push(difference('client', 'create', name))
    }
  }
  const inFiles = new Set(desired.clients.map(({ name }) => name))
  for (const { name, client_id: id } of names.clients)
    if (!inFiles.has(name)) {
      remove(part, { type: 'client', name, path: path`/clients/${id}` }, deletes)
      if (deletes) ids.delete(name)
    }
  return { part, ids }
}
