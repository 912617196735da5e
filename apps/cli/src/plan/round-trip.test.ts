import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Configuration } from '@rolecall/contract'
import { asyncProperty, assert as check } from 'fast-check'
import type { Desired } from '../tenant/desired.ts'
import { toYaml } from '../tenant/write-files.ts'
import type { PlanFile } from './plan-file.ts'
import { randomDesired, randomUsers } from './random-tenant.ts'
import { type TestTenant, testTenant } from './testing.ts'

const runs = 3

async function configurationOf({ run }: TestTenant): Promise<Configuration> {
  const { code, out, notes } = await run('api', 'GET', '/authorization/configuration')
  assert.equal(code, 0, notes)
  return JSON.parse(out) as Configuration
}

/** Plans and applies, and asserts that a plan of the same files is empty then. @returns the plan */
async function roll(tenant: TestTenant, yaml: string, ...options: string[]): Promise<PlanFile> {
  const { folder, run } = tenant
  await writeFile(join(folder, 'tenant.yaml'), yaml)
  const planned = await run('plan', 'tenant.yaml', '--out', 'plan.json', ...options)
  assert.ok([0, 2, 3].includes(planned.code), `${planned.notes}\n${yaml}`)
  const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as PlanFile
  const applied = await run('apply', 'plan.json')
  assert.equal(applied.code, 0, `${applied.notes}\n${planned.out}`)
  const again = await run('plan', 'tenant.yaml', ...options)
  assert.deepEqual([again.code, again.notes], [0, ''], again.out)
  return plan
}

/** As YAML. The ids of the system's applications are another one in each tenant. */
async function exported(tenant: TestTenant): Promise<string> {
  const { code, out, notes } = await tenant.run('export')
  assert.equal(code, 0, notes)
  const { clients } = await configurationOf(tenant)
  return clients
    .filter(({ is_system: isSystem }) => isSystem)
    .reduce((text, { client_id: id, name }) => text.replaceAll(id, name), out)
}

/** A tenant for one run, which is over with it. */
async function withTenants<T>(count: number, work: (tenants: TestTenant[]) => Promise<T>): Promise<T> {
  const ends: (() => Promise<void>)[] = []
  const cleanup = { after: (end: () => Promise<void>) => void ends.push(end) }
  try {
    return await work(await Promise.all(Array.from({ length: count }, () => testTenant(cleanup))))
  } finally {
    for (const end of ends) await end()
  }
}

describe('an export', () => {
  it('that is applied to an empty server is exported from it in the same way', async () => {
    await check(
      asyncProperty(randomDesired, randomDesired, (first, second) =>
        withTenants(2, async ([source, target]) => {
          assert.ok(source && target)
          await roll(source, toYaml(first))
          const one = await exported(source)
          await roll(target, one)
          assert.equal(await exported(target), one)

          await roll(source, toYaml(withDefaultDatabase(second)), '--delete')
          const other = await exported(source)
          await roll(target, other, '--delete')
          assert.equal(await exported(target), other)
        }),
      ),
      { numRuns: runs, endOnFailure: true },
    )
  })

  it('is the same as a folder of files', async () => {
    await check(
      asyncProperty(randomDesired, (desired) =>
        withTenants(2, async ([source, target]) => {
          assert.ok(source && target)
          await roll(source, toYaml(desired))
          const { code, notes } = await source.run('export', '--format', 'directory', 'tenant')
          assert.equal(code, 0, notes)
          assert.equal((await source.run('plan', 'tenant', '--delete')).code, 0)
          const folder = join(source.folder, 'tenant')
          assert.notEqual((await target.run('plan', folder, '--out', 'plan.json')).code, 64)
          assert.equal((await target.run('apply', 'plan.json')).code, 0)
          assert.equal(await exported(target), await exported(source))
          await rm(folder, { recursive: true })
        }),
      ),
      { numRuns: 2, endOnFailure: true },
    )
  })
})

/** The database that every server has, and that has users, cannot be deleted. */
function withDefaultDatabase(desired: Desired): Desired {
  const { databases } = desired
  return { ...desired, databases: [...(databases ?? []), { name: 'Username-Password-Authentication' }] }
}

/** What each user and application has: `user api permission`. */
async function holdings(tenant: TestTenant, userIds: readonly string[]): Promise<Set<string>> {
  const held = new Set<string>()
  for (const id of userIds) {
    const user = JSON.parse((await tenant.run('api', 'GET', `/users/${encodeURIComponent(id)}`)).out)
    if (user.blocked === true) continue
    const { out } = await tenant.run(
      'api',
      'GET',
      `/users/${encodeURIComponent(id)}/permissions?per_page=100`,
    )
    for (const { resource_server_identifier: api, permission_name: name } of JSON.parse(out))
      held.add(JSON.stringify(['user', id, api, name]))
  }
  const { clients, client_grants: grants } = await configurationOf(tenant)
  for (const { client_id: id, audience, scope, subject_type: type } of grants) {
    const client = clients.find((one) => one.client_id === id)
    const getsTokens =
      client?.grant_types?.includes('client_credentials') && client.token_endpoint_auth_method !== 'none'
    if (type === 'client' && getsTokens)
      for (const name of scope) held.add(JSON.stringify(['application', id, audience, name]))
  }
  return held
}

function countedEffect(before: ReadonlySet<string>, after: ReadonlySet<string>) {
  const count = (keys: string[]) => {
    const counts: Record<string, { users: number; applications: number }> = {}
    for (const key of keys) {
      const [kind, , api, permission] = JSON.parse(key)
      const row = (counts[`${permission} of ${api}`] ??= { users: 0, applications: 0 })
      row[kind === 'user' ? 'users' : 'applications']++
    }
    return counts
  }
  return {
    gained: count([...after].filter((key) => !before.has(key))),
    lost: count([...before].filter((key) => !after.has(key))),
  }
}

function plannedEffect({ effect }: PlanFile) {
  const rows = (list: NonNullable<PlanFile['effect']>['lost']) =>
    Object.fromEntries(
      list.map(({ api, permission, users, applications }) => [
        `${permission} of ${api}`,
        { users, applications },
      ]),
    )
  assert.ok(effect)
  return { gained: rows(effect.gained), lost: rows(effect.lost) }
}

describe('the effect of a plan', () => {
  it('is what its application does', async () => {
    await check(
      asyncProperty(randomDesired, randomDesired, randomUsers, (first, second, people) =>
        withTenants(1, async ([tenant]) => {
          assert.ok(tenant)
          await roll(tenant, toYaml(first))
          const { roles } = await configurationOf(tenant)
          const own = roles.filter(({ type }) => type === 'tenant')
          const ids: string[] = []
          for (const [index, { roles: chosen, blocked }] of people.entries()) {
            const connection = 'Username-Password-Authentication'
            const made = await send(tenant, 'POST', '/users', {
              connection,
              email: `${index}@x.test`,
              password: 'a lantern on the 3rd bridge',
              blocked,
            })
            ids.push(String(made['user_id']))
            const held = [...new Set(chosen.flatMap((one) => own[one]?.id ?? []))]
            if (held.length > 0)
              await send(tenant, 'POST', `/users/${encodeURIComponent(String(made['user_id']))}/roles`, {
                roles: held,
              })
          }
          // The roles keep their names, so that some of them change and others go.
          const renamed = own.slice(0, 2).map(({ name }) => name)
          const next = {
            ...withDefaultDatabase(second),
            // Their mappings name roles that get other names below.
            connections: [],
            roles: second.roles?.map((role, index) => ({ ...role, name: renamed[index] ?? role.name })),
          }
          const before = await holdings(tenant, ids)
          const plan = await roll(tenant, toYaml(unique(next)), '--delete')
          assert.deepEqual(plannedEffect(plan), countedEffect(before, await holdings(tenant, ids)))
        }),
      ),
      { numRuns: runs, endOnFailure: true },
    )
  })
})

function unique(desired: Desired): Desired {
  const seen = new Set<string>()
  const roles = desired.roles?.filter(({ name }) => {
    const key = name.normalize('NFKC').toLowerCase()
    return !seen.has(key) && seen.add(key)
  })
  return { ...desired, roles }
}

async function send(
  tenant: TestTenant,
  method: string,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  await writeFile(join(tenant.folder, 'body.json'), JSON.stringify(body))
  const { code, out, notes } = await tenant.run('api', method, path, '--body', 'body.json')
  assert.equal(code, 0, notes)
  return out === '' ? {} : JSON.parse(out)
}
