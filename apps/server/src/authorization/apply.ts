import {
  addPreview,
  type ChangesAnswer,
  type ChangesRequest,
  keyAlgs,
  type PlannedChange,
  type PreviewAnswer,
  previewedRoutes,
} from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { sha256 } from '../crypto/secrets.ts'
import { conflict, insufficientScope, notSupported } from '../http/api-error.ts'
import { callerOf, hasScopes, type Scopes, scopeNames } from '../http/management-app.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { KeyAlg } from '../keys/signing-key.ts'
import { auditedList, type Change, type RequestedChange } from '../logs/audited.ts'
import { currentPosition, marksAfter, type Position } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { type AppliedPlan, appliedPlans, recordPlan } from './applied-plans.ts'
import { readConfiguration, versionsOf, wholeVersion } from './configuration.ts'
import { operationsOf } from './operations.ts'
import { creates, matches } from './planned-changes.ts'
import { preview } from './preview.ts'

type Operations = ReturnType<typeof operationsOf>
type Operation = Operations[keyof Operations]

interface Prepared {
  operation: Operation
  /** The id in the path, or what stands for it. */
  id: string
  as: string | undefined
  run: (tx: Tx, change: RequestedChange, idOf: (name: string) => string) => Promise<Change<unknown>>
}

/**
 * Makes a list of changes in one transaction: all of them or none. They are refused unless the configuration is the one
 * that they were planned for, and their effect the one that was planned. A plan that was applied before is not applied
 * again.
 * @param scopesOf a route of the list
 * @throws ApiError 409 when something was changed since; otherwise as the routes of the changes do
 */
export async function applyChanges(
  ctx: Context,
  keys: KeyRing,
  request: FastifyRequest<{ Body: ChangesRequest }>,
  scopesOf: (route: string) => Scopes | undefined,
): Promise<ChangesAnswer> {
  const { plan_id: planId, version, changes, effect, reference } = request.body
  const prepared = changes.map((change, index) => prepare(ctx, change, index, request, scopesOf))
  const digest = sha256(JSON.stringify([version, changes]))

  const { db } = ctx.store
  const earlier = await findApplied(db, planId, digest)
  if (earlier) return repeated(earlier)
  requireVersion(version, await currentVersion(db))
  const position = await currentPosition(db)
  if (effect) await requireEffect(ctx, changes, effect)
  // Before the transaction: keys are made on the thread pool.
  for (const alg of algorithmsIn(changes)) await keys.require(alg)

  return auditedList(ctx, request, { plan_id: planId, ...(reference && { reference }) }, async (tx, log) => {
    const applied = await findApplied(tx.db, planId, digest)
    if (applied) return repeated(applied)
    requireVersion(version, await currentVersion(tx.db))
    if (effect) await requireSameHolders(tx.db, position)
    const ids = new Map<string, string>()
    const idOf = (name: string) => ids.get(name) ?? name
    for (const { operation, id, as, run } of prepared) {
      const change = await run(tx, { caller: callerOf(request), id: idOf(id), body: undefined }, idOf)
      if (as !== undefined && operation.createdId) ids.set(as, operation.createdId(change.result))
      await log(operation.description, change)
    }
    const versions = versionsOf(await readConfiguration(tx.db))
    const plan: AppliedPlan = {
      planId,
      digest,
      at: tx.now,
      version: wholeVersion(versions),
      created: [...ids].map(([as, id]) => ({ as, id })),
      ...(reference !== undefined && { reference }),
    }
    await recordPlan(tx, plan, versions)
    return { ...repeated(plan), repeated: false }
  })
}

function prepare(
  ctx: Context,
  change: PlannedChange,
  index: number,
  request: FastifyRequest,
  scopesOf: (route: string) => Scopes | undefined,
): Prepared {
  const operations: Partial<Record<string, Operation>> = operationsOf(ctx)
  for (const route of previewedRoutes) {
    const id = matches(route, change)
    if (id === undefined) continue
    const operation = operations[route]
    const scopes = scopesOf(route)
    if (!operation || !scopes) break
    if (!hasScopes(callerOf(request).scopes, scopes)) throw insufficientScope(scopeNames(scopes))
    const run = operation.prepare(change.body, `changes.${index}.body`)
    return { operation, id, as: creates(route) ? change.as : undefined, run }
  }
  throw notSupported(`${change.method} ${change.path} cannot be a part of a list of changes`)
}

async function currentVersion(db: Db): Promise<string> {
  return wholeVersion(versionsOf(await readConfiguration(db)))
}

async function findApplied(db: Db, planId: string, digest: string): Promise<AppliedPlan | undefined> {
  const found = (await appliedPlans(db)).plans.find((plan) => plan.planId === planId)
  if (found && found.digest !== digest)
    throw conflict(`The plan ${planId} was applied with other changes: make a new plan`, 'plan_id_used')
  return found
}

function repeated({ planId, at, version, created }: AppliedPlan): ChangesAnswer {
  return { plan_id: planId, applied_at: new Date(at).toISOString(), repeated: true, version, created }
}

function requireVersion(planned: string, current: string): void {
  if (planned !== current)
    throw conflict(
      'The configuration was changed since the plan was made: nothing was applied. Make a new plan',
      'tenant_moved_on',
    )
}

/** Who has which role decides the effect, and is no part of the version. */
async function requireEffect(
  ctx: Context,
  changes: ChangesRequest['changes'],
  planned: Effect,
): Promise<void> {
  let sum = await preview(ctx, { changes })
  while (sum.next !== undefined) sum = addPreview(sum, await preview(ctx, { changes, from: sum.next }))
  if (!isSameEffect(planned, sum)) throw otherEffect()
}

type Effect = Pick<PreviewAnswer, 'gained' | 'lost'>

function isSameEffect(one: Effect, other: Effect): boolean {
  const text = ({ gained, lost }: Effect) =>
    JSON.stringify(
      [gained, lost].map((list) =>
        list
          .map(({ api, permission, users, applications }) =>
            JSON.stringify([api, permission, users, applications]),
          )
          .toSorted(),
      ),
    )
  return text(one) === text(other)
}

/** The algorithms of the tenant's keys that APIs are set to. */
function algorithmsIn(changes: ChangesRequest['changes']): KeyAlg[] {
  const set = new Set(changes.map(({ body }) => signsWith.safeParse(body).data?.signing_alg))
  return keyAlgs.filter((alg) => set.has(alg))
}

const signsWith = z.object({ signing_alg: z.string() })

const manyMarks = 1_000

/** Whether who holds what is as it was at a position: log-outs and new passwords do not count. */
async function requireSameHolders(db: Db, position: Position): Promise<void> {
  const { epoch, number } = await currentPosition(db)
  if (epoch === position.epoch && number === position.number) return
  const marks = await marksAfter(db, position.number, manyMarks)
  const concerns = marks.some(({ reason }) => reason === 'permissions' || reason === 'account')
  if (epoch !== position.epoch || concerns || marks.length === manyMarks) throw otherEffect()
}

const otherEffect = () =>
  conflict(
    'Roles, permissions or blocks of users were changed since the plan was made, so that it would have another effect: nothing was applied. Make a new plan',
    'effect_changed',
  )
