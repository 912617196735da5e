import { resolve } from 'node:path'
import { z } from 'zod'
import { defineCommand } from '../command.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { readYaml } from '../files.ts'
import type { Management } from '../management/management.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { type Desired, grantKey } from '../tenant/desired.ts'
import { Names } from '../tenant/names.ts'
import { readDesired } from '../tenant/read-files.ts'
import { readTenant } from '../tenant/read-tenant.ts'
import { toDesired } from '../tenant/to-desired.ts'
import { printResult, safe, table } from '../terminal.ts'
import { userIdOf } from './explain-command.ts'
import { type Expectation, evaluate, type Policy, parsePolicy, type UserAccess, untested } from './policy.ts'

export const testCommand = defineCommand({
  name: 'test',
  parameters: ['POLICY'],
  summary: 'Check who may do what against a file of expectations',
  description: [
    'The policy is YAML or JSON:',
    '',
    '  tests:',
    '    - { role: clerk, api: https://orders.example.com, may: read:orders, may_not: write:orders }',
    '    - { user: ada@example.com, api: https://orders.example.com, may: [read:orders, write:orders] }',
    '    - { client: Invoice job, api: https://orders.example.com, may: read:orders }',
    '',
    'With --file the expectations are checked as if the file were applied, and nothing is changed. What the file does not have stays as it',
    'is in the tenant. With --offline the file is all there is, and tests of users are refused.',
    'Permissions that no test names are listed. The exit code is 1 when an expectation is not met, and with --strict also when a permission',
    'has no test.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    ...jsonOption,
    file: {
      type: 'string',
      value: 'FILE',
      description: 'The configuration to test: a YAML file or a folder',
    },
    offline: { type: 'boolean', description: 'Test the file alone, without a tenant' },
    strict: { type: 'boolean', description: 'Fail for permissions that no test names, too' },
  },
  examples: ['rolecall test policy.yaml', 'rolecall test policy.yaml --file tenant.yaml'],
  async run(terminal, { file, offline, strict, json, ...chosen }, [path = '']) {
    const policy = parsePolicy(await readYaml(resolve(terminal.folder, path)), path)
    const planned =
      file === undefined ? undefined : (await readDesired(terminal, resolve(terminal.folder, file))).desired
    const management = offline ? undefined : await connect(terminal, chosen)
    const desired = await stateOf(management, planned)
    const results = evaluate(policy, desired, await usersOf(management, policy))
    const missing = untested(policy, desired)
    const failed = results.filter(({ expected, actual }) => expected !== actual)
    const report = { tests: results.length, failed, untested: missing }
    printResult(terminal, json, report, () => describe(report))
    return failed.length > 0 || (strict && missing.length > 0) ? exitCodes.failed : exitCodes.done
  },
})

/** The configuration to test: the file on top of the tenant, or one of them alone. */
async function stateOf(management: Management | undefined, planned: Desired | undefined): Promise<Desired> {
  if (!management) {
    if (!planned) throw new UsageError('--offline tests a file: name it with --file.')
    return planned
  }
  const tenant = await readTenant(management)
  const current = toDesired(tenant, new Names(tenant, management.clientId))
  return planned ? applied(current, planned) : current
}

/** What the tenant would be like. What the file leaves out stays. */
function applied(current: Desired, planned: Desired): Desired {
  return {
    resourceServers: merged(current.resourceServers, planned.resourceServers, ({ identifier }) => identifier),
    roles: merged(current.roles, planned.roles, ({ name }) => name.toLowerCase()),
    clients: merged(current.clients, planned.clients, ({ name }) => name),
    clientGrants: merged(current.clientGrants, planned.clientGrants, grantKey),
  }
}

function merged<T extends object>(
  current: readonly T[] | null | undefined,
  planned: readonly T[] | null | undefined,
  keyOf: (item: T) => string,
): T[] {
  const byKey = new Map((current ?? []).map((item) => [keyOf(item), item]))
  for (const item of planned ?? []) byKey.set(keyOf(item), { ...byKey.get(keyOf(item)), ...item })
  return [...byKey.values()]
}

const user = z.looseObject({ blocked: z.boolean().default(false) })
const role = z.looseObject({ name: z.string() })
const permission = z.looseObject({
  permission_name: z.string(),
  resource_server_identifier: z.string(),
  sources: z.array(z.looseObject({ source_type: z.string().optional() })).default([]),
})

async function usersOf(
  management: Management | undefined,
  { tests }: Policy,
): Promise<Map<string, UserAccess>> {
  const names = new Set(tests.flatMap(({ user: name }) => name ?? []))
  const users = new Map<string, UserAccess>()
  for (const name of names) {
    if (!management) throw new UsageError(`The user ${name} cannot be tested with --offline.`)
    const path = `/users/${encodeURIComponent(await userIdOf(management, name))}`
    const { blocked } = await management.get(path, user)
    const roles = await management.list(`${path}/roles`, 'roles', role)
    const held = await management.list(`${path}/permissions`, 'permissions', permission)
    const direct = held.filter(({ sources }) => sources.some(({ source_type: type }) => type === 'DIRECT'))
    users.set(name, {
      blocked,
      roles: roles.map((one) => one.name),
      direct: direct.map((one) => ({
        api: one.resource_server_identifier,
        permission: one.permission_name,
      })),
    })
  }
  return users
}

function describe({
  tests,
  failed,
  untested: missing,
}: {
  tests: number
  failed: readonly Expectation[]
  untested: readonly { api: string; permission: string }[]
}): string {
  return [
    ...failed.map(
      ({ principal, api, permission: name, expected }) =>
        `✗ ${safe(principal)} ${expected ? 'may not' : 'may'} ${safe(name)} on ${safe(api)}, and ${expected ? 'should' : 'should not'}`,
    ),
    `${tests - failed.length} of ${tests} expectations are met.`,
    ...(missing.length > 0
      ? [
          '',
          'Permissions without a test:',
          table(missing.map(({ api, permission: name }) => [`  ${safe(name)}`, safe(api)])),
        ]
      : []),
  ].join('\n')
}
