import { resolve } from 'node:path'
import { changesAnswer, managementAudience } from '@rolecall/contract'
import { z } from 'zod'
import { defineCommand } from '../command.ts'
import { exitCodes, UsageError } from '../errors.ts'
import type { Management } from '../management/management.ts'
import { compare } from '../plan/compare.ts'
import { newPlan, type PlanFile } from '../plan/plan-file.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { readDesired } from '../tenant/read-files.ts'
import { readTenant } from '../tenant/read-tenant.ts'
import { printResult, safe } from '../terminal.ts'
import { describeImport, importUsers } from '../users/users-commands.ts'
import { mapAuth0Export } from './auth0-export.ts'
import { copyAssignments } from './role-assignments.ts'

export const importAuth0 = defineCommand({
  name: 'import-auth0',
  parameters: ['EXPORT'],
  summary: 'Import a tenant of Auth0: configuration, users with their passwords, and who holds which role',
  description: [
    'EXPORT is what auth0-deploy-cli exports: a YAML file or a folder. Nothing is deleted. What does not map is listed, and everything else is',
    'imported. The steps can be repeated: objects and assignments that exist are left as they are.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    ...jsonOption,
    users: {
      type: 'string',
      value: 'FILE',
      description:
        "The users: the export of Auth0's support with hashes, or another file that users import reads",
    },
    connection: { type: 'string', value: 'NAME', description: 'The database that the users are for' },
    'assignments-from': {
      type: 'string',
      value: 'PROFILE',
      description: 'A profile for the old tenant, to read who holds which role',
    },
    'dry-run': { type: 'boolean', description: 'Show what would be imported, and what does not map' },
  },
  examples: [
    'rolecall import-auth0 tenant.yaml --dry-run',
    'rolecall import-auth0 tenant.yaml --users users.ndjson.gz --assignments-from old-tenant',
  ],
  async run(
    terminal,
    { users, connection, 'assignments-from': old, 'dry-run': isDry, json, ...chosen },
    [file = ''],
  ) {
    const { desired: exported, warnings } = await readDesired(terminal, resolve(terminal.folder, file))
    const management = await connect(terminal, chosen)
    const source = old === undefined ? undefined : await connect(terminal, { profile: old })
    if (source?.issuer === management.issuer)
      throw new UsageError(`The profile ${old} is for ${management.issuer}: name one for the old tenant.`)
    const { desired, report } = mapAuth0Export(exported, await managementApiOf(management))
    const plan = await planOf(management, file, desired)
    const notMapped = [...warnings, ...report, ...plan.warnings]
    if (isDry) {
      const objects = plan.differences.map(({ change, type, name }) => ({ change, type, name }))
      printResult(terminal, json, { objects, not_mapped: notMapped }, () =>
        [
          `${objects.length} objects of the configuration would be created or changed.`,
          ...listOf(
            'Objects:',
            objects.map(({ change, type, name }) => `${change} ${type} ${name}`),
          ),
          ...listOf('What does not map:', notMapped),
        ].join('\n'),
      )
      return exitCodes.done
    }
    if (plan.changes.length > 0) {
      const { id: plan_id, version, changes } = plan
      await management.post('/authorization/changes', changesAnswer, {
        plan_id,
        version,
        changes,
        reference: 'import-auth0',
      })
      terminal.note(`The configuration is imported: ${plan.differences.length} objects.`)
    }
    const imported =
      users === undefined
        ? undefined
        : await importUsers(terminal, management, {
            path: resolve(terminal.folder, users),
            connection,
            upsert: false,
          })
    const assigned = source && (await copyAssignments(source, management, terminal.note))
    const result = {
      objects: plan.differences.length,
      ...(imported && { users: imported.done.summary, refused_users: imported.errors }),
      ...(assigned && { assignments: assigned }),
      not_mapped: notMapped,
    }
    printResult(terminal, json, result, () =>
      [
        `${plan.differences.length} objects of the configuration were created or changed.`,
        ...(imported ? [describeImport(imported.done, imported.errors)] : []),
        ...(assigned
          ? [
              `${assigned.assignments} assignments of roles.`,
              ...listOf('Users who are not here:', assigned.missing),
              ...listOf('Roles that are not here:', assigned.unknownRoles),
            ]
          : []),
        ...listOf('What does not map:', notMapped),
      ].join('\n'),
    )
    return exitCodes.done
  },
})

const apiItem = z.looseObject({
  identifier: z.string(),
  scopes: z.array(z.looseObject({ value: z.string() })).default([]),
})

async function managementApiOf(management: Management) {
  const { issuer } = management
  const identifier = managementAudience(issuer)
  const apis = await management.list('/resource-servers', 'resource_servers', apiItem)
  const found = apis.find((api) => api.identifier === identifier)
  return { identifier, scopes: (found?.scopes ?? []).map(({ value }) => value) }
}

async function planOf(
  management: Management,
  source: string,
  desired: Parameters<typeof compare>[1],
): Promise<PlanFile> {
  const tenant = await readTenant(management)
  if (!tenant.rolecall)
    throw new UsageError(`${management.issuer} is no Rolecall server: this command imports into one.`)
  const { issuer, clientId: ownClientId } = management
  const { changes, ...compared } = compare(tenant, desired, { issuer, ownClientId, deletes: false })
  return newPlan({
    issuer,
    source,
    applies: 'once',
    version: tenant.rolecall.version,
    changes,
    // Nothing is deleted, and the users come after the configuration.
    effect: null,
    differences: compared.differences,
    kept: compared.kept,
    warnings: compared.warnings,
    last_applied: tenant.rolecall.last_applied,
    drift: tenant.rolecall.drift,
  })
}

const listOf = (title: string, items: readonly string[]) =>
  items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${safe(item)}`)]
