import { password } from '../tutorial.ts'
import type { Field } from './bodies.ts'
import { any, page } from './oauth-answers.ts'
import { field, isPageOrRedirect, maybe } from './oauth-endpoints.ts'
import { get, post } from './oauth-requests.ts'
import type { Endpoint } from './request.ts'

/** The pages on which users see and change their own account. */
export function accountEndpoints(): Endpoint[] {
  const visited = { cookie: '~~account.cookie~~', isSuccess: isPageOrRedirect }
  const form = (path: string, fields: readonly Field[] = [], usesUp = false) =>
    post(path, [field('_csrf', '~~account.csrf~~'), ...fields], page, { ...visited, usesUp })
  return [
    get(
      '/account',
      [maybe('code', 'x'), maybe('error', 'access_denied'), maybe('done', 'name', 'x')],
      page,
      visited,
    ),
    get('/account/email', [], page, visited),
    get('/account/password', [], page, visited),
    get('/account/delete', [], page, visited),
    get('/account/second-factor', [], page, visited),
    get('/account/security-key', [], page, visited),
    get('/account/passkey', [], page, visited),
    get('/account/recovery-codes', [], page, visited),
    get('/account/method', [field('id', 'totp|0123456789abcdef')], page, visited),
    get('/account/providers', [], page, visited),
    get('/account/providers/confirm', [], page, visited),
    get(
      '/account/providers/callback',
      [maybe('code', 'x'), maybe('state', 'v1.x'), maybe('error', 'access_denied')],
      page,
      // No log-in at a provider is in progress.
      { ...visited, isSuccess: (status) => status === 403 },
    ),
    get('/account/data', [], any, visited),
    form('/account/name', [field('name', 'Rosalind')]),
    form('/account/verification'),
    form('/account/session', [field('session', '~~loggedIn.session~~')]),
    form('/account/sessions'),
    form('/account/application', [field('client_id', '~~spa.id~~')]),
    form('/account/second-factor', [
      field('name', 'Phone'),
      field('code', '123456'),
      maybe('offer', 'v1.sealed'),
    ]),
    form('/account/security-key', [field('answer', '{}'), maybe('name', 'Key'), maybe('offer', 'v1.sealed')]),
    form('/account/passkey', [field('answer', '{}'), maybe('name', 'Laptop'), maybe('offer', 'v1.sealed')]),
    form('/account/recovery-codes'),
    form('/account/providers', [field('connection', 'con_0123456789abcdef')]),
    form('/account/providers/confirm'),
    form('/account/providers/remove', [field('connection', 'con_0123456789abcdef'), field('subject', 'ada')]),
    form('/account/method/name', [field('id', 'totp|0123456789abcdef'), field('name', 'Phone')]),
    form('/account/method/remove', [field('id', 'totp|0123456789abcdef')]),
    form('/account/email', [field('email', '~~new.word~~@example.com')], true),
    form(
      '/account/password',
      [field('password', password), field('new_password', 'a lantern on the 3rd bridge')],
      true,
    ),
    form('/account/delete', [], true),
  ]
}
