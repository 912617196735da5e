import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { array, asyncProperty, constant, assert as holds, nat, oneof, record, subarray } from 'fast-check'
import { createApi } from '../apis/apis.ts'
import type { Context } from '../context.ts'
import { createSealer } from '../crypto/sealer.ts'
import { stores } from '../store/testing.ts'
import { createUser } from '../users/users.ts'
import { assignPermissions, assignRoles, unassignPermissions, unassignRoles } from './assignments.ts'
import { effectivePermissions } from './effective-permissions.ts'
import { addPermissionsToRole, removePermissionsFromRole } from './role-permissions.ts'
import { createRole, deleteRole } from './roles.ts'

const values = ['read:a', 'write:a', 'read:b', 'Read:A', 'é']
const permission = subarray(values, { minLength: 1 })
const index = nat(2)
const step = oneof(
  record({ op: constant('grant'), role: index, permission }),
  record({ op: constant('revoke'), role: index, permission }),
  record({ op: constant('assign'), role: index, permission }),
  record({ op: constant('unassign'), role: index, permission }),
  record({ op: constant('direct'), role: index, permission }),
  record({ op: constant('undirect'), role: index, permission }),
  record({ op: constant('deleteRole'), role: index, permission }),
)

for (const { name, open } of stores)
  describe(`effective permissions on ${name}`, () => {
    it('are those of a naive model after any sequence of changes', async () => {
      const store = await open({ after })
      const ctx: Pick<Context, 'store' | 'clock' | 'sealer'> = {
        store,
        clock: () => 1,
        sealer: createSealer(randomBytes(32)),
      }
      const api = await createApi(ctx, {
        identifier: 'https://a.test',
        permissions: values.map((value) => ({ value, description: '' })),
      })
      const other = await createApi(ctx, {
        identifier: 'https://b.test',
        permissions: [{ value: 'read:a', description: '' }],
      })
      let round = 0
      await holds(
        asyncProperty(array(step, { maxLength: 25 }), async (steps) => {
          round++
          const user = await createUser(ctx, { connection: 'c', email: `u${round}@a.test` })
          const roles = []
          for (const n of [0, 1, 2]) roles.push(await createRole(ctx, { name: `r${round}-${n}` }))
          await assignPermissions(ctx, user.userId, [{ api: other.identifier, permission: 'read:a' }])
          const model = {
            roles: roles.map(() => ({ alive: true, held: false, permissions: new Set<string>() })),
            direct: new Set<string>(),
          }
          for (const { op, role: n, permission: chosen } of steps) {
            const role = roles[n]
            const known = model.roles[n]
            if (!role || !known) continue
            const refs = chosen.map((value) => ({ api: api.identifier, permission: value }))
            if (op === 'direct') {
              await assignPermissions(ctx, user.userId, refs)
              for (const value of chosen) model.direct.add(value)
            } else if (op === 'undirect') {
              await unassignPermissions(ctx, user.userId, refs)
              for (const value of chosen) model.direct.delete(value)
            } else if (!known.alive) {
              continue
            } else if (op === 'grant') {
              await addPermissionsToRole(ctx, role.id, refs)
              for (const value of chosen) known.permissions.add(value)
            } else if (op === 'revoke') {
              await removePermissionsFromRole(ctx, role.id, refs)
              for (const value of chosen) known.permissions.delete(value)
            } else if (op === 'assign') {
              await assignRoles(ctx, user.userId, [role.id])
              known.held = true
            } else if (op === 'unassign') {
              await unassignRoles(ctx, user.userId, [role.id])
              known.held = false
            } else {
              await deleteRole(ctx, role.id)
              known.alive = false
            }
          }
          const expected = new Set(model.direct)
          for (const role of model.roles)
            if (role.alive && role.held) for (const value of role.permissions) expected.add(value)
          assert.deepEqual(
            await effectivePermissions(store.db, user.userId, api.id),
            [...expected].toSorted(),
          )
        }),
        { numRuns: 60 },
      )
    })
  })
