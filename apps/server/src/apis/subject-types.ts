import { z } from 'zod'
import type { Api } from './apis.ts'

/** `subject_type_authorization` on the wire, kept among the members that pass through; with Auth0's defaults. */
const shape = z.object({
  /** People: through any application, only through granted ones, or not at all. */
  user: z
    .object({ policy: z.enum(['allow_all', 'require_client_grant', 'deny_all']) })
    .default({ policy: 'allow_all' }),
  /** Applications on their own behalf. */
  client: z
    .object({ policy: z.enum(['require_client_grant', 'deny_all']) })
    .default({ policy: 'require_client_grant' }),
})

/** Anybody may get a token for their own permissions, an application needs a grant. */
export const usualSubjectTypes = shape.parse({})

/** Who may get tokens of an API. */
export function subjectTypes({ extra }: Pick<Api, 'extra'>): z.output<typeof shape> {
  return shape.parse(extra['subject_type_authorization'] ?? {})
}
