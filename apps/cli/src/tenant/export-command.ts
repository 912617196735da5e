import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { printResult } from '../terminal.ts'
import { sections } from './desired.ts'
import { Names } from './names.ts'
import { readTenant } from './read-tenant.ts'
import { toDesired } from './to-desired.ts'
import { toYaml, writeFolder } from './write-files.ts'

const formats = ['yaml', 'directory'] as const

export const exportCommand = defineCommand({
  name: 'export',
  parameters: ['[TARGET]'],
  summary: 'Write the configuration of a tenant into files of the format of auth0-deploy-cli',
  description: [
    'APIs with their permissions, roles, applications, client grants, databases, other providers and settings. Secrets, users,',
    'system objects and the application of this command are left out. Without a target, YAML is printed.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    ...jsonOption,
    format: {
      type: 'string',
      value: 'FORMAT',
      description: 'yaml, or directory: a JSON file for each object in a new folder',
      choices: formats,
    },
  },
  examples: [
    'rolecall export tenant.yaml',
    'rolecall export --format directory tenant',
    'rolecall export | less',
  ],
  async run(terminal, values, [target]) {
    const format = values.format ?? 'yaml'
    if (format !== 'yaml' && format !== 'directory')
      throw new UsageError(`${format} is not a format: ${formats.join(', ')}.`)
    if (format === 'directory' && target === undefined) throw new UsageError('Name the folder to write into.')
    const management = await connect(terminal, values)
    const tenant = await readTenant(management)
    const desired = toDesired(tenant, new Names(tenant, management.clientId))
    if (target === undefined) {
      printResult(terminal, values.json, desired, () => toYaml(desired).trimEnd())
      return
    }
    const path = resolve(terminal.folder, target)
    if (format === 'directory') await writeFolder(path, desired)
    else {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, toYaml(desired))
    }
    const counts = sections
      .filter((section) => Array.isArray(desired[section]))
      .map((section) => ({ section, count: [desired[section]].flat().length }))
    printResult(terminal, values.json, { target: path, counts }, () => {
      const texts = counts.map(({ section, count }) => `${count} ${section}`)
      return `Wrote ${target}: ${texts.join(', ')}, and the settings.`
    })
  },
})
