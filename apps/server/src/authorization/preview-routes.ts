import { previewAnswer, previewRequest } from '@rolecall/contract'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { preview } from './preview.ts'

/** A list of changes has up to 200,000 permissions of roles. A body is read after the scopes were checked. */
export const maxPlanBytes = 32 * 1024 * 1024
export const maxPlanValues = 1_000_000

/** What changes would give and take, before they are made. Nothing is written. */
export function previewRoutes(app: ManagementApp, ctx: Context): void {
  app.post(
    '/authorization/preview',
    {
      bodyLimit: maxPlanBytes,
      config: {
        scope: ['read:users read:roles read:resource_servers read:clients read:client_grants'],
        readsOnly: true,
        maxValues: maxPlanValues,
      },
      schema: {
        tags: ['authorization'],
        summary: 'Show who would gain and lose permissions by changes',
        description:
          'Takes the requests of the changes themselves and makes none of them. The permissions of up to 20,000 users are compared. With more, `complete` is false and the numbers are lower bounds: send the request again with the `next` of the answer as `from`, and add the numbers, until `complete` is true. The privilege rule is not checked.',
        body: previewRequest,
        response: { 200: previewAnswer },
      },
    },
    ({ body }) => preview(ctx, body),
  )
}
