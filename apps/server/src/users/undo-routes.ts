import { type UndoResult, undoRequest, undoResult } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { insufficientScope, notFound } from '../http/api-error.ts'
import { type Caller, callerOf, hasScopes, type ManagementApp, scopeNames } from '../http/management-app.ts'
import { auditedPart } from '../logs/audited.ts'
import { eachPart } from '../logs/each-part.ts'
import { findLog, type LogRecord } from '../logs/store.ts'
import type { Db } from '../store/store.ts'
import { reverseOf } from './undo.ts'
import type { User } from './user.ts'
import { userToWire } from './wire.ts'

type Undone = Omit<UndoResult, 'change'>

const nameOf = (change: string) => ({ change })

/** Undoes changes of the caller, each named by its log entry. The rule is in `undo.ts`. */
export function undoRoutes(app: ManagementApp, ctx: Context): void {
  const toWire = (user: User) => userToWire(user, ctx.config.issuer)

  app.post(
    '/rolecall/undo',
    {
      config: { scope: ['update:users', 'update:roles', 'create:role_members', 'delete:role_members'] },
      schema: {
        tags: ['rolecall'],
        summary: 'Undo changes',
        description:
          'Reverses assignments and removals of roles and permissions, and blocks, that the caller has made. A change is named by the `change` of a result, or by the `rolecall-change` header of a response. Only what the change has done is reversed. What was changed or deleted since is `left` as it is.',
        body: undoRequest,
        response: { 200: z.array(undoResult) },
      },
    },
    (request) => {
      const caller = callerOf(request)
      return eachPart(ctx, request, request.body.changes, nameOf, async (id): Promise<Undone> => {
        const entry = await ownChange(ctx.store.db, caller, id)
        const reverse = reverseOf(entry)
        if (!hasScopes(caller.scopes, reverse.scope)) throw insufficientScope(scopeNames(reverse.scope))
        let left: string[] = []
        const part = await auditedPart(ctx, request, reverse.description, (tx) => {
          // PostgreSQL may run this again.
          left = []
          return reverse.make(tx, { entry, caller, left, toWire })
        })
        return { ...(part && { undone: part.logId }), ...(left.length > 0 && { left }) }
      })
    },
  )
}

/** The entry of a change that the caller has made. Those of others look as if there were none. @throws ApiError 404 */
async function ownChange(db: Db, caller: Caller, id: string): Promise<LogRecord> {
  const entry = await findLog(db, id)
  if (entry?.type !== 'sapi' || entry.userId !== caller.userId || entry.clientId !== caller.clientId)
    throw notFound('There is no such change of yours', 'inexistent_change')
  return entry
}
