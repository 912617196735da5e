import { resolve } from 'node:path'
import { z } from 'zod'
import { defineCommand } from '../command.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { readYaml } from '../files.ts'
import type { Management } from '../management/management.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { printResult, safe } from '../terminal.ts'
import { compareRoutes, type RouteReport, routeList } from './route-report.ts'

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'Compare the routes of an API with its permissions',
  description: [
    'Lists routes that require a permission which the API does not have, or which nobody can hold: no role and no client grant contains it,',
    'and no user has it directly. Lists permissions that no route requires. --routes is a JSON file that the API writes:',
    '',
    "  import { fastifyRoutes, routeAccess } from '@rolecall/guard/routes'",
    "  await writeFile('routes.json', JSON.stringify(routeAccess(fastifyRoutes(app))))",
    '',
    'The exit code is 1 when a route cannot be used, and with --strict also when a permission has no route.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    ...jsonOption,
    api: { type: 'string', value: 'IDENTIFIER', description: 'The API of the routes' },
    routes: { type: 'string', value: 'FILE', description: 'The routes of the API, with what they require' },
    strict: { type: 'boolean', description: 'Fail for permissions that no route requires, too' },
  },
  examples: ['rolecall check --api https://orders.example.com --routes routes.json'],
  async run(terminal, { api, routes: file, strict, json, ...chosen }) {
    if (api === undefined || file === undefined)
      throw new UsageError('Name the API with --api, and the file with --routes.')
    const content = routeList.safeParse(await readYaml(resolve(terminal.folder, file)))
    if (!content.success)
      throw new UsageError(
        `${file} is not a list of routes: write it with routeAccess of @rolecall/guard/routes.`,
      )
    const management = await connect(terminal, chosen)
    const { declared, holdable } = await permissionsOf(management, api)
    const report = compareRoutes(content.data, declared, holdable)
    printResult(terminal, json, report, () => describe(report))
    const isBad = report.unusable.length > 0 || (strict && report.unrequired.length > 0)
    return isBad ? exitCodes.failed : exitCodes.done
  },
})

const apiItem = z.looseObject({
  identifier: z.string(),
  scopes: z.array(z.looseObject({ value: z.string() })).default([]),
})
const roleItem = z.looseObject({ id: z.string() })
const rolePermissionItem = z.looseObject({
  permission_name: z.string(),
  resource_server_identifier: z.string(),
})
const grantItem = z.looseObject({
  audience: z.string(),
  scope: z.array(z.string()).default([]),
  allow_all_scopes: z.boolean().default(false),
})

/** The permissions that the API has, and those that a user or an application can hold. */
async function permissionsOf(management: Management, api: string) {
  const apis = await management.list('/resource-servers', 'resource_servers', apiItem)
  const found = apis.find(({ identifier }) => identifier === api)
  if (!found) throw new UsageError(`There is no API ${api}.`)
  const declared = new Set(found.scopes.map(({ value }) => value))
  const holdable = new Set<string>()
  for (const { id } of await management.list('/roles', 'roles', roleItem)) {
    const held = await management.list(`/roles/${id}/permissions`, 'permissions', rolePermissionItem)
    for (const one of held) if (one.resource_server_identifier === api) holdable.add(one.permission_name)
  }
  const grants = await management.list('/client-grants', 'client_grants', grantItem)
  for (const grant of grants)
    if (grant.audience === api)
      for (const name of grant.allow_all_scopes ? declared : grant.scope) holdable.add(name)
  for (const name of declared)
    if (!holdable.has(name) && (await hasDirectHolder(management, api, name))) holdable.add(name)
  return { declared, holdable }
}

/** Asked for the few permissions that no role and no grant has. */
async function hasDirectHolder(management: Management, api: string, permission: string): Promise<boolean> {
  const users = z.union([z.array(z.unknown()), z.looseObject({ users: z.array(z.unknown()) })])
  const answer = await management.get('/authorization/users', users, { api, permission, per_page: 1 })
  return (Array.isArray(answer) ? answer : answer.users).length > 0
}

function describe({ unusable, unrequired, routes }: RouteReport): string {
  const lines = [
    ...unusable.map(
      ({ method, path, unknown, unheld }) =>
        `${method} ${safe(path)} cannot be used: ${[
          ...unknown.map((name) => `the API has no permission ${safe(name)}`),
          ...unheld.map((name) => `nobody can hold ${safe(name)}`),
        ].join(', ')}`,
    ),
    ...unrequired.map((name) => `No route requires ${safe(name)}`),
  ]
  return lines.length === 0 ? `${routes} routes, and nothing to complain about.` : lines.join('\n')
}
