import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ClaimsAnswer, type Explanation, tokenDialects } from '@rolecall/contract'
import { createGuard, type Guard, GuardError, permission as requirement } from '@rolecall/guard'
import { asyncProperty, boolean, constantFrom, assert as holds, option, record, subarray } from 'fast-check'
import { decodeJwt } from 'jose'
import { createApi } from '../apis/apis.ts'
import type { Api } from '../apis/store.ts'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import type { SubjectType } from '../applications/store.ts'
import { assignPermissions, assignRoles } from '../roles/assignments.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import type { Browser } from '../testing/browser.ts'
import { managementCaller } from '../testing/nodes.ts'
import { tutorialServer } from '../testing/suite.ts'
import { authorizationRequest, destination, logIn, redeem, requestToken } from '../testing/tutorial.ts'
import { markClaim } from './position.ts'

const values = ['read:a', 'write:a', 'read:b']
const some = subarray(values)
const grant = option(record({ all: boolean(), scope: some }), { nil: undefined })
const tenant = record({
  enforcePolicies: constantFrom(undefined, true, true, false),
  tokenDialect: constantFrom(undefined, 'access_token_authz', ...tokenDialects),
  policies: record({
    user: record({ policy: constantFrom('allow_all', 'allow_all', 'require_client_grant', 'deny_all') }),
    client: record({ policy: constantFrom('require_client_grant', 'require_client_grant', 'deny_all') }),
  }),
  roles: record({ one: some, other: some }),
  assigned: record({ one: boolean(), other: boolean() }),
  direct: some,
  grants: record({ client: grant, user: grant }),
  requested: subarray([...values, 'email', 'unknown']),
})
type Tenant = typeof tenant extends { generate: (...args: never[]) => { value: infer Value } } ? Value : never

for (const store of stores)
  describe(`what explains a decision on ${store.name}`, { timeout: 300_000 }, () => {
    const server = tutorialServer(store)
    let call: Awaited<ReturnType<typeof managementCaller>>
    let browser: Browser
    let machine: { clientId: string; secret: string }
    let count = 0

    before(async () => {
      call = await managementCaller(server)
      browser = (await logIn(server, server.clientId, 'member@example.com')).browser
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name: 'Machine', app_type: 'non_interactive' }),
      )
      machine = { clientId: application.clientId, secret: clientSecret }
    })

    async function make(wanted: Tenant): Promise<Api> {
      count++
      return transaction(server.ctx, async (tx) => {
        const { enforcePolicies, tokenDialect } = wanted
        const api = await createApi(tx, server.ctx.sealer, {
          identifier: `https://agreement-${count}.example.com`,
          permissions: values.map((value) => ({ value, description: '' })),
          ...(enforcePolicies !== undefined && { enforcePolicies }),
          ...(tokenDialect !== undefined && { tokenDialect }),
          extra: { subject_type_authorization: wanted.policies },
        })
        const refs = (names: string[]) => names.map((permission) => ({ api: api.identifier, permission }))
        const { userId } = server.member
        for (const name of ['one', 'other'] as const) {
          const role = await createRole(tx, { name: `${name} ${count}` })
          await addPermissionsToRole(tx, role.id, refs(wanted.roles[name]))
          if (wanted.assigned[name]) await assignRoles(tx, userId, [role.id])
        }
        await assignPermissions(tx, userId, refs(wanted.direct))
        for (const subjectType of ['client', 'user'] as SubjectType[]) {
          const given = wanted.grants[subjectType]
          const clientId = subjectType === 'client' ? machine.clientId : server.clientId
          if (given)
            await createClientGrant(tx, {
              clientId,
              apiId: api.id,
              subjectType,
              scope: given.scope,
              allowAllScopes: given.all,
            })
        }
        return api
      })
    }

    /** A token by the authorization code of the member's session; undefined where it is refused. */
    async function userToken(audience: string, scope: string): Promise<string | undefined> {
      const request = authorizationRequest(server, server.clientId, { audience, scope })
      const code = destination(await browser.open(request.url)).searchParams.get('code')
      if (code === null) return undefined
      const { status, body } = await redeem(server, server.clientId, { code, request })
      return status === 200 ? body.access_token : undefined
    }

    async function machineToken(audience: string, scope: string): Promise<string | undefined> {
      const { status, body } = await requestToken(server, {
        grant_type: 'client_credentials',
        client_id: machine.clientId,
        client_secret: machine.secret,
        audience,
        ...(scope !== '' && { scope }),
      })
      return status === 200 ? body.access_token : undefined
    }

    const guardOf = (api: Api) =>
      createGuard({
        issuer: server.issuer,
        audience: api.identifier,
        keys: () => server.keys.publicJwks(),
      })

    async function accepts(guard: Guard, token: string, permission: string): Promise<boolean> {
      try {
        await guard.authorize(
          [`Bearer ${token}`],
          { kind: 'required', requirement: requirement(permission) },
          view,
        )
        return true
      } catch (error) {
        assert.ok(error instanceof GuardError && error.code === 'insufficient_scope', String(error))
        return false
      }
    }

    const view = () => ({ method: 'GET', path: '/', params: {}, request: undefined })

    const explain = async (body: object) =>
      (await call('POST', '/authorization/explain', body)) as Explanation

    it('agrees with the token endpoint and with the guard, for each permission of random tenants', async () => {
      await holds(
        asyncProperty(tenant, async (wanted) => {
          const api = await make(wanted)
          const guard = guardOf(api)
          const subjects = [
            {
              asked: { user_id: server.member.userId, client_id: server.clientId },
              token: await userToken(api.identifier, ['openid', ...values].join(' ')),
              scope: 'on_request',
            },
            {
              asked: { client_id: machine.clientId },
              token: await machineToken(api.identifier, ''),
              scope: 'always',
            },
          ]
          for (const { asked, token, scope } of subjects)
            for (const permission of values) {
              const answer = await explain({ ...asked, api: api.identifier, permission, token: token ?? 'x' })
              const claims = token === undefined ? {} : decodeJwt(token)
              const inClaim = [claims['permissions']].flat().includes(permission)
              const inScope = String(claims['scope']).split(' ').includes(permission)
              const expected = {
                allowed: inClaim || inScope,
                claims: { permissions: inClaim, scope: inScope ? scope : 'never' },
              }
              assert.deepEqual({ allowed: answer.allowed, claims: answer.claims }, expected)
              assert.equal(
                answer.checks.every(({ passed }) => passed),
                answer.allowed,
              )
              assert.equal(answer.token?.up_to_date, true)
              if (token !== undefined) {
                assert.equal(await accepts(guard, token, permission), inClaim)
                assert.deepEqual([answer.token.signature, answer.token.same_subject], ['valid', true])
              }
            }
        }),
        { numRuns: 12 },
      )
    })

    it('predicts the claims of the tokens of random tenants, and their refusals', async () => {
      await holds(
        asyncProperty(tenant, async (wanted) => {
          const api = await make(wanted)
          const scope = wanted.requested.join(' ')
          const subjects = [
            {
              asked: { user_id: server.member.userId, client_id: server.clientId },
              token: await userToken(api.identifier, ['openid', ...wanted.requested].join(' ')),
            },
            { asked: { client_id: machine.clientId }, token: await machineToken(api.identifier, scope) },
          ]
          for (const { asked, token } of subjects) {
            const body = { ...asked, api: api.identifier, scope }
            const answer = (await call('POST', '/authorization/claims', body)) as ClaimsAnswer
            assert.equal(answer.issued, token !== undefined, JSON.stringify(answer))
            if (token === undefined) continue
            const {
              iat = 0,
              exp = 0,
              jti: _jti,
              auth_time: _at,
              [markClaim]: _mark,
              ...claims
            } = decodeJwt(token)
            assert.deepEqual(sorted(answer.claims ?? {}), sorted(claims))
            assert.equal(answer.expires_in, exp - iat)
          }
        }),
        { numRuns: 12 },
      )
    })
  })

/** The order of scopes and permissions means nothing. */
function sorted(claims: Record<string, unknown>): Record<string, unknown> {
  const { scope, permissions, ...rest } = claims
  return {
    ...rest,
    ...(typeof scope === 'string' && { scope: scope.split(' ').toSorted() }),
    ...(Array.isArray(permissions) && { permissions: permissions.map(String).toSorted() }),
  }
}
