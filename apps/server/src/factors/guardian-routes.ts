import {
  absentFactors,
  type FactorName,
  type FactorPolicy,
  type FactorPolicyUpdate,
  factorNames,
  factorPolicy,
  factorPolicyUpdate,
  guardianFactor,
  guardianPolicies,
  managementScopes,
} from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { findApiIds } from '../apis/store.ts'
import type { Context } from '../context.ts'
import { invalidBody, invalidPath, notSupported } from '../http/api-error.ts'
import { type Caller, callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { requireHeld } from '../roles/privilege.ts'
import { existingRoleIds } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import { logInSettings, updateFactorPolicy } from '../tenant/settings.ts'
import { relyingPartyOf } from './webauthn.ts'

/** Who needs a second factor, and which factors there are: Auth0's part under `/guardian`, and all of it in one object. */
export function guardianRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['guardian']

  app.get(
    '/guardian/factors',
    {
      config: { scope: ['read:guardian_factors'] },
      schema: { tags, summary: 'List the factors', response: { 200: z.array(guardianFactor) } },
    },
    async () => {
      const { factors } = await policyOf(ctx.store.db)
      const own = factorNames.map((name) => ({ name, enabled: factors[name], trial_expired: false }))
      return [...own, ...absentFactors.map((name) => ({ name, enabled: false, trial_expired: false }))]
    },
  )

  app.put(
    '/guardian/factors/:name',
    {
      config: { scope: ['update:guardian_factors'] },
      schema: {
        tags,
        summary: 'Enable or disable a factor',
        params: z.object({ name: z.string().max(100) }),
        body: z.object({ enabled: z.boolean() }),
        response: { 200: z.object({ enabled: z.boolean() }) },
      },
    },
    async (request) => {
      const { name } = request.params
      const { enabled } = request.body
      if (isOwn(name)) await change(request, () => ({ factors: { [name]: enabled } }))
      else if (!absentFactors.some((absent) => absent === name))
        throw invalidPath(`'There is no factor ${name}' on property name`)
      else if (enabled) throw notSupported(`The factor ${name} is not supported`)
      return { enabled }
    },
  )

  app.get(
    '/guardian/policies',
    {
      config: { scope: ['read:mfa_policies'] },
      schema: { tags, summary: 'Get the policies', response: { 200: guardianPolicies } },
    },
    async () => toPolicies(await policyOf(ctx.store.db)),
  )

  app.put(
    '/guardian/policies',
    {
      config: { scope: ['update:mfa_policies'] },
      schema: {
        tags,
        summary: 'Set the policies',
        description: '`["all-applications"]` requires a second factor of everybody, `[]` does not.',
        body: guardianPolicies,
        response: { 200: guardianPolicies },
      },
    },
    async (request) => {
      const unknown = request.body.find((name) => name !== 'all-applications')
      if (unknown !== undefined) throw notSupported(`The policy ${unknown} is not supported`)
      const required = request.body.length > 0
      const after = await change(request, ({ policy }) => {
        if (required) return { policy: 'required' }
        return { policy: policy === 'required' ? 'optional' : policy }
      })
      return toPolicies(after)
    },
  )

  app.get(
    '/rolecall/factor-policy',
    {
      config: { scope: ['read:mfa_policies'] },
      schema: { tags, summary: 'Get who needs a second factor', response: { 200: factorPolicy } },
    },
    () => policyOf(ctx.store.db),
  )

  app.patch(
    '/rolecall/factor-policy',
    {
      config: { scope: ['update:mfa_policies'] },
      schema: {
        tags,
        summary: 'Change who needs a second factor',
        description: '`factors` merge. It takes effect with the next log-in, and with the next token.',
        body: factorPolicyUpdate,
        response: { 200: factorPolicy },
      },
    },
    (request) => change(request, () => request.body),
  )

  function change(
    request: FastifyRequest,
    updateOf: (before: z.output<typeof factorPolicy>) => FactorPolicyUpdate,
  ) {
    return audited(ctx, request, 'Update the policy of second factors', async (tx) => {
      const { before, after } = await updateFactorPolicy(tx, updateOf)
      requireUsable(ctx, after)
      await requireExisting(tx.db, after, before)
      if (isWeaker(after, before)) requireEveryScope(callerOf(request))
      return { result: after, on: {}, before, after }
    })
  }
}

/**
 * A policy that leaves nothing to set up would let no one log in.
 * @throws ApiError 400 where security keys are the only factor, and browsers refuse them for this issuer
 */
function requireUsable({ config }: Pick<Context, 'config'>, { policy, factors }: FactorPolicy): void {
  if (policy === 'never' || factors.otp || !factors['webauthn-roaming'] || relyingPartyOf(config)) return
  throw notSupported(
    'Security keys need an ISSUER with https and a host name. Enable the factor otp, or disable webauthn-roaming too',
  )
}

/** Whether a log-in passes that did not before. */
function isWeaker(after: FactorPolicy, before: FactorPolicy): boolean {
  const ranks = { never: 0, optional: 1, required: 2 }
  return (
    ranks[after.policy] < ranks[before.policy] ||
    (['otp', 'webauthn-roaming'] as const).some((name) => before.factors[name] && !after.factors[name]) ||
    (before.owners && !after.owners) ||
    before.roles.some((role) => !after.roles.includes(role)) ||
    before.apis.some((api) => !after.apis.includes(api))
  )
}

/** The policy protects the accounts of owners too, so only a caller who holds what they hold may weaken it. */
function requireEveryScope(caller: Caller): void {
  requireHeld(
    caller,
    managementScopes.map(({ value }) => value),
  )
}

/** A requirement for an object that does not exist would protect nothing. */
async function requireExisting(db: Db, after: FactorPolicy, before: FactorPolicy): Promise<void> {
  const roles = after.roles.filter((id) => !before.roles.includes(id))
  const knownRoles = await existingRoleIds(db, roles)
  const role = roles.find((id) => !knownRoles.has(id))
  if (role !== undefined) throw invalidBody(`'There is no role ${role}' on property roles`)
  const apis = after.apis.filter((identifier) => !before.apis.includes(identifier))
  const knownApis = await findApiIds(db, apis)
  const api = apis.find((identifier) => !knownApis.has(identifier))
  if (api !== undefined) throw invalidBody(`'There is no API ${api}' on property apis`)
}

const policyOf = async (db: Db) => (await logInSettings(db)).factorPolicy

const isOwn = (name: string): name is FactorName => factorNames.some((own) => own === name)

const toPolicies = ({ policy }: { policy: string }) => (policy === 'required' ? ['all-applications'] : [])
