import { changesAnswer, changesRequest, configuration } from '@rolecall/contract'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { appliedPlans, lastAppliedToWire, objectsOf } from './applied-plans.ts'
import { applyChanges } from './apply.ts'
import { driftBetween, readConfiguration, versionsOf, wholeVersion } from './configuration.ts'
import { maxPlanBytes, maxPlanValues } from './preview-routes.ts'

const reading =
  'read:resource_servers read:roles read:clients read:client_grants read:connections read:tenant_settings'

/** The configuration as a whole, and lists of changes of it, for tools that keep it in files. */
export function changeRoutes(app: ManagementApp, ctx: Context, keys: KeyRing): void {
  const tags = ['authorization']

  app.get(
    '/authorization/configuration',
    {
      config: { scope: [reading] },
      schema: {
        tags,
        summary: 'Get the whole configuration',
        description: 'Of one moment, with its version and what was changed since the last list of changes.',
        response: { 200: configuration },
      },
    },
    async () => {
      const content = await readConfiguration(ctx.store.db)
      const versions = versionsOf(content)
      const applied = await appliedPlans(ctx.store.db)
      return {
        ...content,
        version: wholeVersion(versions),
        last_applied: lastAppliedToWire(applied),
        drift: applied.plans.length === 0 ? [] : driftBetween(objectsOf(applied), versions),
      }
    },
  )

  app.post(
    '/authorization/changes',
    {
      bodyLimit: maxPlanBytes,
      config: { scope: [`read:users ${reading}`], maxValues: maxPlanValues },
      schema: {
        tags,
        summary: 'Make a list of changes, all of them or none',
        description:
          'Takes what a preview takes, without changes of accounts, and applies it in one transaction. Each change also requires the scopes of its own route. 409 `tenant_moved_on`: the configuration is not the one of `version`; `effect_changed`: roles or blocks of users were changed, so that the effect is another one. A request with the `plan_id` of a plan that was applied changes nothing. A new application gets a secret that is not shown: rotate it.',
        body: changesRequest,
        response: { 200: changesAnswer },
      },
    },
    (request) => applyChanges(ctx, keys, request, (route) => scopesOf(app, route)),
  )
}

/** The scopes that the route of a change requires. */
function scopesOf(app: ManagementApp, route: string) {
  const [method, path = ''] = route.split(' ')
  const url = `/api/v2${path.replace('{id}', ':id')}`
  const found = app.managementRoutes.find((one) => one.method === method && one.url === url)
  return found && found.scope !== 'public' ? found.scope : undefined
}
