import { Session } from 'node:inspector/promises'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createUser, startManagement, transaction } from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import { tutorial } from '@rolecall/server/tutorial'

/** Folders without a domain noun: every request passes them. */
const mechanisms = /^apps\/server\/src\/(http|store|crypto|mail|testing)\/|^apps\/server\/src\/[^/]+$/

/**
 * Assigns a role to a user over HTTP and returns the server's files in which a function ran for it, without those of
 * the mechanisms. V8 counts the calls.
 */
export async function filesOfRoleAssignment(): Promise<string[]> {
  const cleanups: (() => Promise<void>)[] = []
  const session = new Session()
  session.connect()
  try {
    const [kind] = stores
    if (!kind) throw new Error('no store')
    const server = await startManagement({ after: (clean) => cleanups.push(clean) }, kind)
    const role = await server.call('POST', '/roles', { name: tutorial.role.name })
    const users = []
    for (const email of ['first@example.com', 'second@example.com'])
      users.push(
        await transaction(server.ctx, (tx) =>
          createUser(tx, { connection: 'Username-Password-Authentication', email }),
        ),
      )
    const assign = (userId = '') =>
      server.call('POST', `/users/${encodeURIComponent(userId)}/roles`, { roles: [role.body['id']] })
    await assign(users[0]?.userId)

    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    await session.post('Profiler.takePreciseCoverage')
    const { status } = await assign(users[1]?.userId)
    const { result } = await session.post('Profiler.takePreciseCoverage')
    if (status !== 204) throw new Error(`the assignment was answered ${status}`)
    return result
      .filter(({ url, functions }) => url.startsWith('file:') && functions.some(wasCalled))
      .map(({ url }) => relative(resolve('.'), fileURLToPath(url)))
      .filter((path) => path.startsWith('apps/server/src/') && !mechanisms.test(path))
      .filter((path) => !/\/testing\b/.test(path))
      .toSorted()
  } finally {
    session.disconnect()
    for (const clean of cleanups) await clean()
  }
}

function wasCalled({ functionName, ranges }: { functionName: string; ranges: { count: number }[] }): boolean {
  return functionName !== '' && (ranges[0]?.count ?? 0) > 0
}
