import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import {
  assignRoles,
  createApplication,
  createClientGrant,
  createUser,
  findRoleByName,
  findSystemApi,
  startServer,
  transaction,
} from '@rolecall/server/test-kit'
import { stores, temporaryFolder } from '@rolecall/server/test-kit/store'
import { parse } from 'yaml'
import { z } from 'zod'

const root = join(import.meta.dirname, '../../..')
const template = join(root, 'samples/as-code')

/** A server, and a copy of the template with the commands of its pipelines. */
async function open(t: TestContext) {
  const [kind] = stores
  assert.ok(kind)
  const { ctx, issuer } = await startServer(t, kind)
  const { db } = ctx.store
  const api = await findSystemApi(db)
  assert.ok(api)
  const reading = api.permissions.map(({ value }) => value).filter((value) => value.startsWith('read:'))
  const application = (name: string, grant: { scope: string[] } | { allowAllScopes: true }) =>
    transaction(ctx, async (tx) => {
      const made = await createApplication(tx, { name, app_type: 'non_interactive' })
      await createClientGrant(tx, { clientId: made.application.clientId, apiId: api.id, ...grant })
      return { clientId: made.application.clientId, secret: made.clientSecret ?? '' }
    })
  const folder = await temporaryFolder(t)
  await cp(template, folder, { recursive: true })
  const bin = await temporaryFolder(t)
  const program = join(bin, 'rolecall')
  await writeFile(
    program,
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'apps/cli/src/main.ts')}' "$@"\n`,
  )
  await chmod(program, 0o755)
  return {
    ctx,
    folder,
    plan: { issuer, ...(await application('Plan', { scope: reading })) },
    apply: { issuer, ...(await application('Apply', { allowAllScopes: true })) },
    /** Runs a script as the pipelines do: it ends at the first command that fails. */
    shell: (script: string, env: Record<string, string>) =>
      new Promise<{ code: number; output: string }>((done) => {
        const child = execFile(
          'bash',
          ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
          { cwd: folder, env: { ...env, HOME: bin, PATH: `${bin}:${process.env['PATH']}` } },
          (_error, out, notes) => done({ code: child.exitCode ?? -1, output: out + notes }),
        )
      }),
    edit: async (before: string, after: string) => {
      const file = join(folder, 'tenant.yaml')
      const text = await readFile(file, 'utf8')
      assert.ok(text.includes(before))
      await writeFile(file, text.replace(before, after))
    },
  }
}
type Opened = Awaited<ReturnType<typeof open>>
type Credentials = Opened['plan']

const workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      env: z.record(z.string(), z.string()),
      steps: z.array(
        z.object({ uses: z.string().optional(), name: z.string().optional(), run: z.string().optional() }),
      ),
    }),
  ),
})

/** Runs the steps of a workflow, except for the actions and the installation of the package. */
async function runWorkflow(
  { folder, shell }: Opened,
  file: string,
  { issuer, clientId, secret }: Credentials,
  labels: string[] = [],
) {
  const { jobs } = workflow.parse(parse(await readFile(join(folder, '.github/workflows', file), 'utf8')))
  const [job] = Object.values(jobs)
  assert.ok(job)
  const values: Record<string, string> = {
    'vars.ROLECALL_ISSUER': issuer,
    'vars.ROLECALL_CLIENT_ID': clientId,
    'secrets.ROLECALL_CLIENT_SECRET': secret,
    "contains(github.event.pull_request.labels.*.name, 'takes-permissions')": String(
      labels.includes('takes-permissions'),
    ),
  }
  const summary = join(folder, 'summary.md')
  await writeFile(summary, '')
  const env: Record<string, string> = { GITHUB_STEP_SUMMARY: summary, GITHUB_SHA: 'f00' }
  for (const [name, text] of Object.entries(job.env)) {
    const value = values[/^\$\{\{ (.*) \}\}$/.exec(text)?.[1] ?? '']
    assert.ok(value !== undefined, text)
    env[name] = value
  }
  const steps = job.steps.filter(({ run, name }) => run !== undefined && name !== 'Install')
  assert.ok(steps.length >= 2)
  let output = ''
  for (const { run = '' } of steps) {
    const result = await shell(run, env)
    output += result.output
    if (result.code !== 0) return { code: result.code, output, summary: await readFile(summary, 'utf8') }
  }
  return { code: 0, output, summary: await readFile(summary, 'utf8') }
}

const pipeline = z.record(z.string(), z.looseObject({ script: z.array(z.string()).optional() }))

async function runGitLab(
  { folder, shell }: Opened,
  job: string,
  { issuer, clientId, secret }: Credentials,
  labels = '',
) {
  const jobs = pipeline.parse(parse(await readFile(join(folder, '.gitlab-ci.yml'), 'utf8')))
  const script = jobs[job]?.script
  assert.ok(script)
  return shell(script.join('\n'), {
    ROLECALL_ISSUER: issuer,
    ROLECALL_CLIENT_ID: clientId,
    ROLECALL_CLIENT_SECRET: secret,
    CI_MERGE_REQUEST_LABELS: labels,
    CI_COMMIT_SHA: 'f00',
  })
}

describe('the repository template', { timeout: 180_000 }, () => {
  it('plans on a pull request and applies on a merge, with GitHub Actions', async (t) => {
    const opened = await open(t)
    const { ctx, plan, apply, edit } = opened
    const { db } = ctx.store
    const planned = await runWorkflow(opened, 'plan.yml', plan)
    assert.equal(planned.code, 0, planned.output)
    assert.match(planned.summary, /clerk/)
    assert.equal(await findRoleByName(db, 'clerk'), undefined)
    const refused = await runWorkflow(opened, 'apply.yml', plan)
    assert.notEqual(refused.code, 0, 'the application of the plan may not apply')

    const applied = await runWorkflow(opened, 'apply.yml', apply)
    assert.equal(applied.code, 0, applied.output)
    const clerk = await findRoleByName(db, 'clerk')
    assert.ok(clerk)
    await transaction(ctx, async (tx) => {
      const user = await createUser(tx, {
        connection: 'Username-Password-Authentication',
        email: 'ada@example.com',
      })
      await assignRoles(tx, user.userId, [clerk.id])
    })

    await edit(
      '    description: Reads orders\n    permissions:\n      - { permission_name: read:orders, resource_server_identifier: https://orders.example.com }\n',
      '    description: Reads orders\n    permissions: []\n',
    )
    const failing = await runWorkflow(opened, 'plan.yml', plan)
    assert.equal(failing.code, 1, 'the policy is not met')
    assert.match(failing.output, /✗ role clerk may not read:orders/)
    await writeFile(
      join(opened.folder, 'policy.yaml'),
      'tests:\n  - { role: clerk, api: https://orders.example.com, may_not: read:orders }\n',
    )
    const losing = await runWorkflow(opened, 'plan.yml', plan)
    assert.equal(losing.code, 1)
    assert.match(losing.output, /Add the label takes-permissions/)
    assert.equal((await runWorkflow(opened, 'plan.yml', plan, ['takes-permissions'])).code, 0)
    assert.equal((await runWorkflow(opened, 'apply.yml', apply)).code, 0)
    assert.equal((await runWorkflow(opened, 'plan.yml', plan)).code, 0)
  })

  it('does the same with GitLab', async (t) => {
    const opened = await open(t)
    const { ctx, plan, apply, edit } = opened
    const planned = await runGitLab(opened, 'plan', plan)
    assert.equal(planned.code, 0, planned.output)
    const applied = await runGitLab(opened, 'apply', apply)
    assert.equal(applied.code, 0, applied.output)
    assert.ok(await findRoleByName(ctx.store.db, 'manager'))
    await edit('      - { value: write:orders, description: Change orders }\n', '')
    assert.notEqual(
      (await runGitLab(opened, 'plan', plan)).code,
      0,
      'the file requires a permission that it removes',
    )
  })
})
