import assert from 'node:assert/strict'
import { before as beforeAll, describe, it } from 'node:test'
import { addPreview, type PreviewAnswer, type PreviewRequest } from '@rolecall/contract'
import {
  array,
  asyncProperty,
  boolean,
  constantFrom,
  assert as holds,
  nat,
  oneof,
  record,
  subarray,
} from 'fast-check'
import { findApi } from '../apis/store.ts'
import { mayGetTokensFor, requireApplication } from '../applications/applications.ts'
import { listGrants } from '../applications/lists.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import { setProviderRoles } from '../roles/provider-roles.ts'
import { createRole } from '../roles/roles.ts'
import { linkIdentity } from '../roles/testing-provider.ts'
import { chunks } from '../store/sql.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { putAudienceSubject } from './store.ts'

type Change = PreviewRequest['changes'][number]
type Method = Change['method']

const values = ['read:a', 'write:a', 'read:b']
const some = subarray(values, { minLength: 1 })
const any = subarray(values)
const people = 3
const roleCount = 3
const indexes = { user: nat(people - 1), role: nat(roleCount - 1), api: nat(1) }

/** A change as the ids of a tenant make it. */
const change = oneof(
  record({ kind: constantFrom('POST roles', 'DELETE roles'), ...indexes }),
  record({ kind: constantFrom('POST direct', 'DELETE direct'), ...indexes, chosen: some }),
  record({
    kind: constantFrom('POST role permissions', 'DELETE role permissions'),
    ...indexes,
    chosen: some,
  }),
  record({ kind: constantFrom('DELETE role', 'DELETE user', 'DELETE api', 'POST members'), ...indexes }),
  record({ kind: constantFrom('PATCH user'), ...indexes, flag: boolean() }),
  record({ kind: constantFrom('PATCH api'), ...indexes, chosen: any, flag: boolean() }),
  record({ kind: constantFrom('PATCH grant', 'POST grant'), ...indexes, chosen: any, flag: boolean() }),
  record({ kind: constantFrom('DELETE grant', 'DELETE client'), ...indexes }),
  record({ kind: constantFrom('DELETE connection', 'PATCH connection'), ...indexes }),
  record({ kind: constantFrom('PATCH client'), ...indexes, flag: boolean() }),
)
const tenant = record({
  roles: array(record({ first: any, second: any }), { minLength: roleCount, maxLength: roleCount }),
  users: array(
    record({ roles: subarray([0, 1, 2]), given: subarray([0, 1, 2]), direct: any, blocked: boolean() }),
    { minLength: people, maxLength: people },
  ),
  grant: record({ all: boolean(), scope: any }),
  getsTokens: boolean(),
  changes: array(change, { minLength: 1, maxLength: 5 }),
})
const noPermissions = { first: [], second: [] }
const withoutAccess = { roles: [], given: [], direct: [], blocked: false }
/** The grant is read for the first change, and its API with the second one only. */
const grantOfUnnamedApi = {
  roles: [noPermissions, noPermissions, noPermissions],
  users: [withoutAccess, withoutAccess, withoutAccess],
  grant: { all: true, scope: [] },
  getsTokens: true,
  changes: [
    { kind: 'POST grant' as const, user: 0, role: 0, api: 1, chosen: [], flag: false },
    { kind: 'DELETE grant' as const, user: 0, role: 0, api: 0 },
  ],
}
type Planned = { kind: string; user: number; role: number; api: number; chosen?: string[]; flag?: boolean }

interface Made {
  apis: { id: string; identifier: string }[]
  roles: string[]
  users: string[]
  clientId: string
  grantId: string
  connectionId: string
}

for (const kind of stores)
  describe(`a preview on ${kind.name}`, { timeout: 300_000 }, () => {
    const end = untilTheEnd()
    let now = Date.parse('2030-01-01T00:00:00Z')
    let server: ManagementServer
    let count = 0

    const call: ManagementServer['call'] = (...args) => {
      now += 1_000
      return server.call(...args)
    }
    const made = async (path: string, body: unknown) => {
      const answer = await call('POST', path, body)
      assert.ok(answer.status < 300, `${path} ${JSON.stringify(answer.body)}`)
      return answer.body
    }
    const preview = (body: PreviewRequest) => call('POST', '/authorization/preview', body)
    /** The sum of all answers, each about so many users. */
    const exact = async (body: PreviewRequest, take: number): Promise<PreviewAnswer> => {
      const part = async (from?: string) => {
        const answer = await preview({ ...body, take, ...(from !== undefined && { from }) })
        assert.equal(answer.status, 200, JSON.stringify(answer.body))
        const shown: unknown = answer.body
        return shown as PreviewAnswer
      }
      let sum = await part()
      while (sum.next !== undefined) sum = addPreview(sum, await part(sum.next))
      return sum
    }

    beforeAll(async () => {
      server = await startManagement(end, kind, () => now)
    })

    const refs = (identifier: string, names: readonly string[]) =>
      names.map((permission_name) => ({ permission_name, resource_server_identifier: identifier }))

    async function make(wanted: {
      roles: { first: string[]; second: string[] }[]
      users: { roles: number[]; given?: number[]; direct: string[]; blocked: boolean }[]
      grant: { all: boolean; scope: string[] }
      getsTokens?: boolean
    }): Promise<Made> {
      count++
      const apis: Made['apis'] = []
      for (const name of ['first', 'second']) {
        const identifier = `https://${name}-${count}.example.com`
        const scopes = values.map((value) => ({ value }))
        const api = await made('/resource-servers', { identifier, name, scopes, enforce_policies: true })
        apis.push({ id: String(api['id']), identifier })
      }
      const [first, second] = apis
      assert.ok(first && second)
      const roles: string[] = []
      for (const role of wanted.roles) {
        const id = String((await made('/roles', { name: `role ${count} ${roles.length}` }))['id'])
        const permissions = [...refs(first.identifier, role.first), ...refs(second.identifier, role.second)]
        if (permissions.length > 0) await made(`/roles/${id}/permissions`, { permissions })
        roles.push(id)
      }
      const mapping = mappingOf(wanted.roles.map((_, index) => `role ${count} ${index}`))
      const connection = await made('/connections', {
        name: `provider-${count}`,
        strategy: 'oidc',
        options: { client_id: 'c', issuer: 'https://id.example.com', role_mapping: mapping },
      })
      const connectionId = String(connection['id'])
      const users: string[] = []
      for (const user of wanted.users) {
        const { userId } = await transaction(server.ctx, (tx) =>
          createUser(tx, {
            connection: 'c',
            email: `u${count}-${users.length}@example.com`,
            blocked: user.blocked,
          }),
        )
        const path = `/users/${encodeURIComponent(userId)}`
        if (user.roles.length > 0)
          await made(`${path}/roles`, { roles: user.roles.map((index) => roles[index]) })
        if (user.direct.length > 0)
          await made(`${path}/permissions`, { permissions: refs(first.identifier, user.direct) })
        const subject = `sub-${users.length}`
        const given = (user.given ?? []).map((index) => roles[index]!)
        await transaction(server.ctx, async (tx) => {
          await linkIdentity(tx, { id: connectionId }, subject, userId)
          await setProviderRoles(tx, { connectionId, subject, userId, roleIds: given })
        })
        users.push(userId)
      }
      const grant_types = wanted.getsTokens === false ? ['authorization_code'] : ['client_credentials']
      const machine = await made('/clients', { name: 'Machine', app_type: 'non_interactive', grant_types })
      const clientId = String(machine['client_id'])
      const grant = await made('/client-grants', {
        client_id: clientId,
        audience: first.identifier,
        ...(wanted.grant.all ? { allow_all_scopes: true } : { scope: wanted.grant.scope }),
      })
      return { apis, roles, users, clientId, grantId: String(grant['id']), connectionId }
    }

    const mappingOf = (names: string[]) => ({
      claim: 'groups',
      roles: names.map((role) => ({ value: role, role })),
    })

    function requestOf(ids: Made, planned: Planned): Change {
      const { kind: what, chosen = [], flag = false } = planned
      const user = `/users/${encodeURIComponent(ids.users[planned.user]!)}`
      const role = `/roles/${ids.roles[planned.role]!}`
      const api = ids.apis[planned.api]!
      const method = what.split(' ')[0] as Method
      const permissions = refs(api.identifier, chosen)
      switch (what.slice(method.length + 1)) {
        case 'roles':
          return { method, path: `${user}/roles`, body: { roles: [ids.roles[planned.role]] } }
        case 'direct':
          return { method, path: `${user}/permissions`, body: { permissions } }
        case 'role permissions':
          return { method, path: `${role}/permissions`, body: { permissions } }
        case 'members':
          return { method, path: `${role}/users`, body: { users: ids.users.slice(0, planned.user + 1) } }
        case 'role':
          return { method, path: role }
        case 'user':
          return { method, path: user, ...(method === 'PATCH' && { body: { blocked: flag } }) }
        case 'api': {
          const scopes = chosen.map((value) => ({ value }))
          const body = flag ? { scopes, enforce_policies: false } : { scopes }
          return { method, path: `/resource-servers/${api.id}`, ...(method === 'PATCH' && { body }) }
        }
        case 'connection': {
          const path = `/connections/${ids.connectionId}`
          const role_mapping = mappingOf([`role ${count} ${planned.role}`])
          const options = { client_id: 'c', issuer: 'https://id.example.com', role_mapping }
          return { method, path, ...(method === 'PATCH' && { body: { options } }) }
        }
        case 'client':
          return {
            method,
            path: `/clients/${ids.clientId}`,
            ...(method === 'PATCH' && {
              body: { grant_types: flag ? ['client_credentials'] : ['password'] },
            }),
          }
        default: {
          const rights = flag ? { allow_all_scopes: true } : { scope: chosen }
          if (method === 'POST')
            return {
              method,
              path: '/client-grants',
              body: { client_id: ids.clientId, audience: api.identifier, ...rights },
            }
          const body = method === 'PATCH' && { body: rights }
          return { method, path: `/client-grants/${ids.grantId}`, ...body }
        }
      }
    }

    /** Who holds what: `<api> <permission> <subject>`. */
    async function held({ apis, users, clientId }: Made): Promise<Set<string>> {
      const { db } = server.ctx.store
      const found = new Set<string>()
      for (const { id, identifier } of apis) {
        for (const user of users) {
          const row = await db
            .selectFrom('users')
            .select('user_id')
            .where('user_id', '=', user)
            .where('blocked', '=', false)
            .executeTakeFirst()
          if (!row) continue
          for (const value of await effectivePermissions(db, user, id))
            found.add(`${identifier} ${value} user ${user}`)
        }
        const api = await findApi(db, id)
        for (const grant of await listGrants(db, { apiId: id, clientId }).slice({ offset: 0, limit: 10 })) {
          if (!mayGetTokensFor(await requireApplication(db, clientId), 'client')) continue
          const scope = grant.allowAllScopes ? api!.permissions.map(({ value }) => value) : grant.scope
          for (const value of scope) found.add(`${identifier} ${value} application ${clientId}`)
        }
      }
      return found
    }

    function countsOf(gone: Set<string>, left: Set<string>) {
      const counts = new Map<string, { users: number; applications: number }>()
      for (const line of gone) {
        if (left.has(line)) continue
        const [api, permission, subject] = line.split(' ')
        const key = `${api} ${permission}`
        const entry = counts.get(key) ?? { users: 0, applications: 0 }
        entry[subject === 'user' ? 'users' : 'applications']++
        counts.set(key, entry)
      }
      return Object.fromEntries(counts)
    }

    const countsIn = (effects: PreviewAnswer['lost']) =>
      Object.fromEntries(
        effects.map(
          ({ api, permission, users, applications }) =>
            [`${api} ${permission}`, { users, applications }] as const,
        ),
      )

    /** Without the order of lists. */
    const comparable = ({ gained, lost, settings, tokens, ...rest }: PreviewAnswer) => ({
      ...rest,
      gained: countsIn(gained),
      lost: countsIn(lost),
      settings: Map.groupBy(settings, ({ api }) => api),
      tokens: Map.groupBy(tokens, ({ api }) => api),
    })

    it('is the difference that the same requests make, for random tenants and changes', async () => {
      await holds(
        asyncProperty(tenant, async ({ changes: planned, ...wanted }) => {
          const ids = await make(wanted)
          const changes = planned.map((one) => requestOf(ids, one))
          const before = await held(ids)
          const answer = await preview({ changes })
          const summed = answer.status === 200 ? await exact({ changes }, 1) : undefined
          assert.deepEqual(await held(ids), before, 'a preview changes nothing')
          for (const { method, path, body: sent } of changes) {
            const real = await call(method, path, sent)
            if (real.status < 300) continue
            assert.equal(answer.status, real.status, JSON.stringify([answer.body, real.body]))
            return
          }
          assert.equal(answer.status, 200, JSON.stringify(answer.body))
          const body: unknown = answer.body
          const shown = body as PreviewAnswer
          const after = await held(ids)
          assert.deepEqual(countsIn(shown.lost), countsOf(before, after))
          assert.deepEqual(countsIn(shown.gained), countsOf(after, before))
          const losing = new Set(
            [...before].filter((line) => !after.has(line)).map((line) => line.split(' ')[3]),
          )
          losing.delete(ids.clientId)
          assert.deepEqual([shown.users.losing, shown.complete], [losing.size, true])
          assert.deepEqual(comparable(summed!), comparable(shown))
        }),
        { numRuns: 40, examples: [[grantOfUnnamedApi]] },
      )
    })

    it('counts no application that gets no tokens for itself, whatever it is granted', async () => {
      const roles = [0, 1, 2].map(() => noPermissions)
      const grant = { all: false, scope: ['read:a'] }
      const { apis, clientId, grantId } = await make({ roles, users: [], grant, getsTokens: false })
      const body = { client_id: clientId, audience: apis[1]!.identifier, scope: ['read:b'] }
      for (const one of [
        { method: 'POST', path: '/client-grants', body },
        { method: 'DELETE', path: `/client-grants/${grantId}` },
        { method: 'DELETE', path: `/resource-servers/${apis[0]!.id}` },
      ] as const) {
        const { body: answer } = await preview({ changes: [one] })
        assert.deepEqual([answer['gained'], answer['lost']], [[], []], one.path)
      }
      const changes: Change[] = [
        { method: 'PATCH', path: `/clients/${clientId}`, body: { grant_types: ['client_credentials'] } },
      ]
      const { body: answer } = await preview({ changes })
      assert.deepEqual(answer['applications'], { gaining: 1, losing: 0 })
    })

    it('counts many users answer by answer, each once, until it is complete', async () => {
      const both = { first: ['read:a', 'write:a'], second: [] }
      const ids = await make({
        roles: [{ first: ['read:a'], second: [] }, both, { first: [], second: [] }],
        users: [],
        grant: { all: true, scope: [] },
      })
      const [api] = ids.apis
      assert.ok(api)
      // UTF-16 sorts the last two the other way round than the store.
      const endings = Array.from({ length: 2_500 }, (_, index) => String(index).padStart(5, '0'))
      const { db } = server.ctx.store
      const users = await transaction(server.ctx, async (tx) => {
        const userIds: string[] = []
        for (const [index, ending] of [...endings, '\u{1F600}', '\uFF5E'].entries()) {
          const user = {
            connection: 'c',
            email: `many${count}-${index}@example.com`,
            userId: `many-${count}-${ending}`,
          }
          userIds.push((await createUser(tx, user)).userId)
        }
        return userIds
      })
      const every = (divisor: number) => users.filter((_, index) => index % divisor === 0)
      const [reader, writer] = ids.roles
      const assigned = [
        ...every(2).map((user_id) => ({ user_id, role_id: reader!, assigned_at: 0 })),
        ...every(3).map((user_id) => ({ user_id, role_id: writer!, assigned_at: 0 })),
      ]
      for (const rows of chunks(assigned)) await db.insertInto('user_roles').values(rows).execute()
      const direct = every(5).map((user_id) => ({
        user_id,
        api_id: api.id,
        permission: 'read:b',
        assigned_at: 0,
      }))
      await db.insertInto('user_permissions').values(direct).execute()

      const changes: Change[] = [
        { method: 'DELETE', path: `/roles/${reader}` },
        { method: 'DELETE', path: `/roles/${writer}` },
        {
          method: 'PATCH',
          path: `/resource-servers/${api.id}`,
          body: { scopes: [{ value: 'read:a' }, { value: 'write:a' }] },
        },
      ]
      const readers = new Set([...every(2), ...every(3)])
      const losing = new Set([...readers, ...every(5)]).size
      const first = await preview({ changes, take: 700 })
      assert.deepEqual([first.body['complete'], first.body['examined']], [false, 700])
      for (const take of [700, 20_000]) {
        const sum = await exact({ changes }, take)
        assert.deepEqual([sum.examined, sum.users], [losing, { gaining: 0, losing }])
        const lost = Object.entries(countsIn(sum.lost)).map(([key, shown]) => [
          key.split(' ')[1],
          shown.users,
        ])
        assert.deepEqual(Object.fromEntries(lost), {
          'read:a': readers.size,
          'write:a': every(3).length,
          'read:b': every(5).length,
        })
      }
      for (const body of [{ take: 0 }, { take: 20_001 }, { from: '' }, { from: 'a\0b' }])
        assert.equal((await preview({ changes, ...body })).status, 400, JSON.stringify(body))
      assert.equal((await preview({ changes, from: 'zzz' })).body['examined'], 0)
    })

    it('takes the changes of 1,000 objects, whose effect together is no sum of their effects', async () => {
      const ids = await make({ roles: [], users: [withoutAccess], grant: { all: true, scope: [] } })
      const [api] = ids.apis
      const [user] = ids.users
      const { db } = server.ctx.store
      const roles = await transaction(server.ctx, async (tx) => {
        const roleIds: string[] = []
        for (let index = 0; index < 1_000; index++)
          roleIds.push((await createRole(tx, { name: `one of many ${count} ${index}` })).id)
        return roleIds
      })
      const permissions = roles.map((role_id) => ({ role_id, api_id: api!.id, permission: 'read:a' }))
      for (const rows of chunks(permissions)) await db.insertInto('role_permissions').values(rows).execute()
      const assigned = roles.map((role_id) => ({ user_id: user!, role_id, assigned_at: 0 }))
      for (const rows of chunks(assigned)) await db.insertInto('user_roles').values(rows).execute()
      const changes: Change[] = roles.map((id) => ({ method: 'DELETE', path: `/roles/${id}` }))
      const part = await preview({ changes: changes.slice(0, 500) })
      assert.deepEqual(part.body['lost'], [])
      const all = await preview({ changes })
      assert.equal(all.status, 200, JSON.stringify(all.body))
      assert.deepEqual(all.body['users'], { gaining: 0, losing: 1 })
    })

    it('names those concerned page by page, and counts who holds tokens that stay valid', async () => {
      const all = { roles: [0], direct: [], blocked: false }
      const ids = await make({
        roles: [0, 1, 2].map(() => ({ first: ['read:a'], second: [] })),
        users: [all, all, { ...all, direct: ['read:a'] }],
        grant: { all: true, scope: [] },
      })
      const [api] = ids.apis
      assert.ok(api)
      await putAudienceSubject(server.ctx.store.db, api.identifier, ids.users[0]!, now)
      await putAudienceSubject(server.ctx.store.db, api.identifier, ids.users[1]!, now - 3 * 86_400_000)
      const changes: Change[] = [{ method: 'DELETE', path: `/roles/${ids.roles[0]}` }]
      const details = { effect: 'lost', api: api.identifier, permission: 'read:a', per_page: 1 } as const
      const pages: PreviewAnswer[] = []
      for (const page of [0, 1, 2]) {
        const answer = await preview({ changes, details: { ...details, page } })
        const body: unknown = answer.body
        pages.push(body as PreviewAnswer)
      }
      assert.deepEqual(
        pages.map(({ details: shown }) => shown?.users.map(({ user_id }) => user_id)),
        [
          ...ids.users
            .slice(0, 2)
            .toSorted()
            .map((id) => [id]),
          [],
        ],
      )
      assert.equal(pages[0]?.details?.total, 2)
      assert.deepEqual(pages[0]?.tokens, [{ api: api.identifier, lifetime: 86_400, subjects: 1 }])
      assert.deepEqual(pages[0]?.lost, [
        { api: api.identifier, permission: 'read:a', users: 2, applications: 0 },
      ])
    })

    it('shows the switches of an API, which change the tokens of everybody', async () => {
      const ids = await make({
        roles: [0, 1, 2].map(() => ({ first: values, second: [] })),
        users: [{ roles: [0], direct: [], blocked: false }],
        grant: { all: true, scope: [] },
      })
      const [api] = ids.apis
      const body = {
        token_dialect: 'access_token_authz',
        enforce_policies: true,
        subject_type_authorization: { user: { policy: 'deny_all' } },
      }
      const { body: shown } = await preview({
        changes: [{ method: 'PATCH', path: `/resource-servers/${api!.id}`, body }],
      })
      assert.deepEqual(shown['settings'], [
        {
          api: api!.identifier,
          enforce_policies: { before: true, after: true },
          permissions_claim: { before: false, after: true },
          user_policy: { before: 'allow_all', after: 'deny_all' },
          client_policy: { before: 'require_client_grant', after: 'require_client_grant' },
          users: 1,
        },
      ])
      assert.deepEqual([shown['gained'], shown['lost']], [[], []])
    })

    it('refuses other requests, bad bodies and system objects with a clear error, and logs nothing', async () => {
      const entries = async () => (await call('GET', '/logs?include_totals=true')).body['total']
      const earlier = await entries()
      const refused = async (method: Method, path: string, body?: unknown) => {
        const answer = await preview({ changes: [{ method, path, ...(body !== undefined && { body }) }] })
        return [answer.status, answer.body['errorCode']]
      }
      assert.deepEqual(await refused('DELETE', '/sessions/x'), [400, 'operation_not_supported'])
      assert.deepEqual(await refused('DELETE', '/roles/'), [400, 'operation_not_supported'])
      assert.deepEqual(await refused('DELETE', '/roles/%E0%A4%A'), [400, 'operation_not_supported'])
      assert.deepEqual(await refused('DELETE', '/roles/a%00b'), [400, 'operation_not_supported'])
      assert.deepEqual(await refused('DELETE', '/roles/rol_none'), [404, 'inexistent_role'])
      assert.deepEqual(await refused('POST', '/roles/rol_none/users', { users: 'x' }), [400, 'invalid_body'])
      assert.deepEqual(await refused('DELETE', `/roles/${server.ownerRole.id}`), [
        403,
        'operation_not_allowed',
      ])
      assert.deepEqual(await refused('DELETE', '/clients/unknown'), [404, 'inexistent_client'])
      assert.deepEqual(await refused('DELETE', `/resource-servers/${server.managementApi.id}`), [
        403,
        'operation_not_allowed',
      ])
      assert.equal(await entries(), earlier)
    })
  })
