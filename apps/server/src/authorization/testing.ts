import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Guard, GuardError, permission } from '@rolecall/guard'
import { createApplication } from '../applications/applications.ts'
import type { Context } from '../context.ts'
import { tutorial } from '../seed/tutorial.ts'
import { transaction } from '../store/transaction.ts'
import { audience } from '../testing/tutorial.ts'

/** Registers the application of an API. @returns the credentials of its guards */
export async function liveCredentials(
  ctx: Context,
  identifier: string = audience,
): Promise<{ clientId: string; clientSecret: string }> {
  const { application, clientSecret = '' } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'The API itself',
      app_type: 'resource_server',
      resource_server_identifier: identifier,
    }),
  )
  return { clientId: application.clientId, clientSecret }
}

/** What a guard answers to a token on the admin route. */
export async function ask(guard: Guard, token: string): Promise<string> {
  const view = { method: 'GET', path: '/', params: {}, request: undefined }
  const access = { kind: 'required', requirement: permission(tutorial.permission.value) } as const
  try {
    await guard.authorize(`Bearer ${token}`, access, () => view)
    return '200'
  } catch (error) {
    assert.ok(error instanceof GuardError, String(error))
    return `${error.status}${error.authorizationChanged ? ' authorization_changed' : ''}`
  }
}

/** Waits until this is so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await isSo())) {
    assert.ok(performance.now() < end, what)
    await sleep(20)
  }
}

/** Asks until the answer is this one. */
export async function eventually(guard: Guard, token: string, expected: string): Promise<void> {
  let answer = ''
  const isExpected = async () => (answer = await ask(guard, token)) === expected
  await until(isExpected, expected).catch(() => assert.equal(answer, expected))
}
