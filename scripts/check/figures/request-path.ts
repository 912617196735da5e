import { Session } from 'node:inspector/promises'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createUser, startManagement, transaction } from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import { tutorial } from '@rolecall/server/tutorial'

/** Folders without a domain noun: every request passes them. */
const mechanisms = /^apps\/server\/src\/(http|store|crypto|mail|testing)\/|^apps\/server\/src\/[^/]+$/

/** Rounds, because timers of the server run in some of them. */
const rounds = 3

/**
 * Assigns a role to a user over HTTP and returns the server's files in which a named function ran for it, without those
 * of the mechanisms. V8 counts the calls of the whole process, so two kinds of file are left out: those that run for any
 * request or after any change (who the caller is, the signing keys, what listens to changes), and those that do not run
 * each time.
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
    const makeUser = (email: string) =>
      transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'Username-Password-Authentication', email }),
      )
    const assign = (userId: string) =>
      server.call('POST', `/users/${encodeURIComponent(userId)}/roles`, { roles: [role.body['id']] })

    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    let files: string[] | undefined
    const shared = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      const { userId } = await makeUser(`user-${round}@example.com`)
      const { status: read } = await server.call('GET', '/tenants/settings')
      for (const file of await filesRun(session)) if (round > 0) shared.add(file)
      const { status } = await assign(userId)
      const run = await filesRun(session)
      files = files?.filter((file) => run.includes(file)) ?? run
      if (read !== 200 || status !== 204) throw new Error(`the requests were answered ${read} and ${status}`)
    }
    return (files ?? []).filter((path) => !shared.has(path)).toSorted()
  } finally {
    session.disconnect()
    for (const clean of cleanups) await clean()
  }
}

/** The server's files in which a function ran since the last time. */
async function filesRun(session: Session): Promise<string[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  return result
    .filter(({ url, functions }) => url.startsWith('file:') && functions.some(wasCalled))
    .map(({ url }) => relative(resolve('.'), fileURLToPath(url)))
    .filter((path) => path.startsWith('apps/server/src/') && !mechanisms.test(path))
    .filter((path) => !/\/testing\b/.test(path))
}

function wasCalled({ functionName, ranges }: { functionName: string; ranges: { count: number }[] }): boolean {
  return functionName !== '' && (ranges[0]?.count ?? 0) > 0
}
