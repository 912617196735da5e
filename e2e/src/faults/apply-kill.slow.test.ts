/** The server is killed while it applies a plan. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  createApplication,
  createClientGrant,
  findSystemApi,
  openContext,
  readConfig,
  transaction,
} from '@rolecall/server/test-kit'
import { stores, temporaryDatabase } from '@rolecall/server/test-kit/store'
import { testTerminal } from '../../../apps/cli/src/testing.ts'
import { site } from '../start/launcher.ts'
import { makeHome, type ServerProcess, startServerProcess } from './server-process.ts'

const rounds = 3
const rolesPerPlan = 200

for (const { name } of stores)
  test(`a plan is applied as a whole or not at all when the server is killed, on ${name}`, {
    timeout: 280_000,
  }, async (t) => {
    let server: ServerProcess | undefined
    t.after(() => server?.end('SIGKILL'))
    const database = name === 'PostgreSQL' ? { DATABASE_URL: await temporaryDatabase(t) } : {}
    const home = await makeHome(await site(t), { LOG_LEVEL: 'fatal', ...database })
    const { run, folder } = await testTerminal(t, await makeTool(home.env, home.issuer))
    const rolesOf = async (round: number) => {
      const { code, out, notes } = await run('api', 'GET', '/authorization/configuration')
      assert.equal(code, 0, notes)
      const { roles } = JSON.parse(out) as { roles: { name: string }[] }
      return roles.filter((role) => role.name.startsWith(`Round ${round} `)).length
    }
    server = await startServerProcess(home.env)
    let longestMs = 0
    const found = { nothing: 0, everything: 0 }
    for (let round = 0; round <= rounds; round++) {
      const roles = Array.from({ length: rolesPerPlan }, (_, index) => `- name: Round ${round} ${index}`)
      await writeFile(join(folder, 'roles.yaml'), `roles:\n${roles.join('\n')}\n`)
      assert.equal((await run('plan', 'roles.yaml', '--out', 'plan.json')).code, 2)
      const started = performance.now()
      const applying = run('apply', 'plan.json')
      // The first round shows how long it takes.
      if (round > 0) {
        await setTimeout(randomInt(1, Math.ceil(longestMs)))
        await server.end('SIGKILL')
      }
      const { code } = await applying
      if (round === 0) longestMs = performance.now() - started
      else server = await startServerProcess(home.env)
      const made = await rolesOf(round)
      assert.ok(made === 0 || made === rolesPerPlan, `${made} of ${rolesPerPlan} roles`)
      if (code === 0) assert.equal(made, rolesPerPlan, 'the application was acknowledged')
      found[made === 0 ? 'nothing' : 'everything']++
      const again = await run('apply', 'plan.json')
      assert.equal(again.code, 0, again.notes)
      assert.equal(await rolesOf(round), rolesPerPlan)
    }
    t.diagnostic(`${found.nothing} plans were not applied, ${found.everything} as a whole`)
  })

/** An application that may do everything. @returns the environment of its commands */
async function makeTool(env: Record<string, string>, issuer: string): Promise<Record<string, string>> {
  const ctx = await openContext(readConfig(env))
  try {
    const api = await findSystemApi(ctx.store.db)
    assert.ok(api)
    return await transaction(ctx, async (tx) => {
      const { application, clientSecret = '' } = await createApplication(tx, {
        name: 'Deployment',
        app_type: 'non_interactive',
      })
      const { clientId } = application
      const scope = api.permissions.map(({ value }) => value)
      await createClientGrant(tx, { clientId, apiId: api.id, scope })
      return {
        ROLECALL_ISSUER: issuer,
        ROLECALL_CLIENT_ID: clientId,
        ROLECALL_CLIENT_SECRET: clientSecret,
      }
    })
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}
