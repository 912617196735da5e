/** What `rolecall plan` costs, over HTTP, for a tenant of 200 roles, 1,000 permissions and 10,000 users. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createApi, openStore, transaction } from '@rolecall/server/test-kit'
import { temporaryFolder } from '@rolecall/server/test-kit/store'
import { sql } from 'kysely'
import { testTenant } from '../../apps/cli/src/plan/testing.ts'
import type { BenchRow } from './results.ts'
import { insertAssignments, insertRoles, insertUsers } from './seed-users.ts'

const roles = 200
const permissions = 1_000
const users = 10_000
const rolesPerUser = 3
const goalMs = 5_000

/** A third of the roles lose a tenth of their permissions, so that every user is compared. */
export async function bench(): Promise<BenchRow[]> {
  const closing: (() => Promise<void>)[] = []
  const end = { after: (work: () => Promise<void>) => void closing.push(work) }
  try {
    const folder = await temporaryFolder(end)
    const tenant = await testTenant(end, {
      name: 'node:sqlite',
      open: async (t) => {
        const store = await openStore({ file: join(folder, 'rolecall.db') })
        t.after(() => store.close())
        return store
      },
    })
    const { ctx } = tenant
    const { db } = ctx.store
    await transaction(ctx, (tx) =>
      createApi(tx, ctx.sealer, {
        identifier: 'https://bench.test',
        permissions: Array.from({ length: permissions }, (_, n) => ({
          value: `p${10_000 + n}`,
          description: '',
        })),
      }),
    )
    await insertRoles(db, roles)
    await insertUsers(db, users)
    await insertAssignments(db, { users, rolesPerUser, roles })
    await sql`insert into role_permissions (role_id, api_id, permission)
      select roles.id, permissions.api_id, permissions.value from roles cross join permissions
      join apis on apis.id = permissions.api_id where apis.identifier = 'https://bench.test'
      and roles.id like 'rol_1%'`.execute(db)
    const must = async (...args: string[]) => {
      const started = performance.now()
      const { code, notes } = await tenant.run(...args)
      if (![0, 2, 3].includes(code)) throw new Error(`${args.join(' ')}: ${notes}`)
      return performance.now() - started
    }
    const exported = await must('export', 'tenant.yaml')
    const text = await readFile(join(tenant.folder, 'tenant.yaml'), 'utf8')
    await writeFile(join(tenant.folder, 'less.yaml'), withLess(text))
    const unchanged = await must('plan', 'tenant.yaml')
    const planned = await must('plan', 'less.yaml', '--out', 'plan.json')
    const applied = await must('apply', 'plan.json')
    const line = (what: string, value: number): BenchRow => ({
      what: `${what}, ${roles} roles × ${permissions} permissions × ${users} users`,
      value,
      unit: 'ms',
      goal: `≤ ${goalMs}`,
      met: value <= goalMs,
    })
    return [
      line('export', exported),
      line('plan without a change', unchanged),
      line('plan with losses', planned),
      line('apply', applied),
    ]
  } finally {
    for (const work of closing) await work()
  }
}

/** Leaves out every permission that ends with 7 of the roles whose number is a multiple of 3. */
function withLess(yaml: string): string {
  return yaml
    .split(/^(?= {2}- name: role )/m)
    .map((part, index) =>
      index % 3 === 1
        ? part.replaceAll(/ {6}- permission_name: p\d*7\n {8}resource_server_identifier: \S+\n/g, '')
        : part,
    )
    .join('')
}
