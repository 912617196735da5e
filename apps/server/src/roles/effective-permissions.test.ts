import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { array, asyncProperty, constantFrom, assert as holds, nat, record, subarray } from 'fast-check'
import { createApi, updateApi } from '../apis/apis.ts'
import type { Context } from '../context.ts'
import { createSealer } from '../crypto/sealer.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { assignPermissions, assignRoles, unassignPermissions, unassignRoles } from './assignments.ts'
import { effectivePermissions } from './effective-permissions.ts'
import { addPermissionsToRole, removePermissionsFromRole } from './role-permissions.ts'
import { createRole, deleteRole } from './roles.ts'
import { addProvider, linkIdentity, logInWith } from './testing-provider.ts'

const values = ['read:a', 'write:a', 'read:b', 'Read:A', 'é']
const declared = values.map((value) => ({ value, description: '' }))

const step = record({
  op: constantFrom(
    'grant',
    'revoke',
    'assign',
    'unassign',
    'receive',
    'lose',
    'direct',
    'undirect',
    'drop',
    'delete',
  ),
  role: nat(2),
  chosen: subarray(values, { minLength: 1 }),
})

for (const { name, open } of stores)
  describe(`effective permissions on ${name}`, () => {
    it('are those of a naive model after any sequence of changes', async () => {
      const store = await open({ after })
      const ctx: Pick<Context, 'store' | 'clock' | 'sealer'> = {
        store,
        clock: () => 1,
        sealer: createSealer(randomBytes(32)),
      }
      const api = await transaction(ctx, (tx) =>
        createApi(tx, ctx.sealer, { identifier: 'https://a.test', permissions: declared }),
      )
      // The same names on another API must never count here.
      const other = await transaction(ctx, (tx) =>
        createApi(tx, ctx.sealer, { identifier: 'https://b.test', permissions: declared }),
      )
      const refs = (chosen: string[], { identifier } = api) =>
        chosen.map((permission) => ({ api: identifier, permission }))
      const provider = await addProvider(ctx, 'provider')
      let round = 0

      await holds(
        asyncProperty(array(step, { maxLength: 25 }), async (steps) => {
          round++
          const { userId } = await transaction(ctx, (tx) =>
            createUser(tx, { connection: 'c', email: `u${round}@a.test` }),
          )
          await transaction(ctx, (tx) => linkIdentity(tx, provider, userId, userId))
          await transaction(ctx, (tx) => assignPermissions(tx, userId, refs(values, other)))
          const direct = new Set<string>()
          const roles: {
            id: string
            alive: boolean
            held: boolean
            given: boolean
            permissions: Set<string>
          }[] = []
          for (const n of [0, 1, 2]) {
            const { id } = await transaction(ctx, (tx) => createRole(tx, { name: `r${round}-${n}` }))
            roles.push({ id, alive: true, held: false, given: false, permissions: new Set() })
          }

          for (const { op, role: n, chosen } of steps) {
            const role = roles[n]
            assert.ok(role)
            const all = [direct, ...roles.map(({ permissions }) => permissions)]
            const onRole = op !== 'direct' && op !== 'undirect' && op !== 'drop'
            if (onRole && !role.alive) continue
            switch (op) {
              case 'grant':
                await transaction(ctx, (tx) => addPermissionsToRole(tx, role.id, refs(chosen)))
                for (const value of chosen) role.permissions.add(value)
                break
              case 'revoke':
                await transaction(ctx, (tx) => removePermissionsFromRole(tx, role.id, refs(chosen)))
                for (const value of chosen) role.permissions.delete(value)
                break
              case 'assign':
                await transaction(ctx, (tx) => assignRoles(tx, userId, [role.id]))
                role.held = true
                break
              case 'unassign': {
                const change = transaction(ctx, (tx) => unassignRoles(tx, userId, [role.id]))
                if (role.given && !role.held) await assert.rejects(change, /gives it at each log-in/)
                else await change
                role.held = false
                break
              }
              case 'receive':
              case 'lose': {
                role.given = op === 'receive'
                const given = roles.filter((one) => one.given && one.alive).map(({ id }) => id)
                await logInWith(ctx, provider, userId, userId, given)
                break
              }
              case 'direct':
                await transaction(ctx, (tx) => assignPermissions(tx, userId, refs(chosen)))
                for (const value of chosen) direct.add(value)
                break
              case 'undirect':
                await transaction(ctx, (tx) => unassignPermissions(tx, userId, refs(chosen)))
                for (const value of chosen) direct.delete(value)
                break
              case 'drop': {
                // Deleted with the API, so no user has them. No user has them when they are declared again.
                const left = declared.filter(({ value }) => !chosen.includes(value))
                await transaction(ctx, (tx) => updateApi(tx, ctx.sealer, api.id, { permissions: left }))
                await transaction(ctx, (tx) => updateApi(tx, ctx.sealer, api.id, { permissions: declared }))
                for (const held of all) for (const value of chosen) held.delete(value)
                break
              }
              case 'delete':
                await transaction(ctx, (tx) => deleteRole(tx, role.id))
                role.alive = false
            }
          }

          const expected = new Set(direct)
          for (const role of roles)
            if (role.alive && (role.held || role.given))
              for (const value of role.permissions) expected.add(value)
          const found = await effectivePermissions(store.db, userId, api.id)
          assert.deepEqual(found, [...expected].toSorted())
        }),
        { numRuns: 60 },
      )
    })
  })
