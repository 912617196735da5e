import { any, page } from './oauth-answers.ts'
import { field, isPageOrRedirect, maybe } from './oauth-endpoints.ts'
import { get, post } from './oauth-requests.ts'
import type { Endpoint } from './request.ts'

/** The pages of a log-in that ask for a second factor or a passkey. */
export function keyEndpoints(): Endpoint[] {
  const of = (kind: string, path: string) => `/interaction/~~${kind}.uid~~/${path}`
  const form = (kind: string, fields: readonly string[]) => [
    field('_csrf', `~~${kind}._csrf~~`),
    ...fields.map((name) => field(name, `~~${kind}.${name}~~`)),
  ]
  const at = (kind: string) => ({ cookie: `~~${kind}.cookie~~`, isSuccess: isPageOrRedirect })
  return [
    get(of('secondStep', 'factor'), [maybe('kind', 'key', 'totp', 'recovery')], page, at('secondStep')),
    post(
      of('secondStep', 'factor'),
      [...form('secondStep', ['challenge', 'answer', 'kind']), maybe('code', '123456')],
      page,
      { ...at('secondStep'), usesUp: true },
    ),
    get(of('enrolment', 'enrol'), [maybe('kind', 'key', 'totp')], page, at('enrolment')),
    post(
      of('enrolment', 'enrol'),
      [...form('enrolment', ['offer', 'answer', 'kind']), maybe('code', '123456')],
      page,
      { ...at('enrolment'), usesUp: true },
    ),
    post(of('enrolment', 'continue'), form('enrolment', []), any, at('enrolment')),
    post(of('passkey', 'passkey'), form('passkey', ['challenge', 'answer']), page, {
      ...at('passkey'),
      usesUp: true,
    }),
  ]
}
