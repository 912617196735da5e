import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { defineCommand } from '../command.ts'
import { CommandError, exitCodes, UsageError } from '../errors.ts'
import type { Management } from '../management/management.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions } from '../session/options.ts'
import { schemaSource, type TypedApi, typeScriptSource } from './type-source.ts'

const formats = ['typescript', 'json-schema'] as const

export const typesCommand = defineCommand({
  name: 'types',
  summary: 'Write the permissions of APIs as TypeScript or JSON Schema',
  description: [
    "The TypeScript is for the guard: definePermissions(permissions['https://orders.example.com']). An API whose code requires a",
    'permission that is gone does not compile then. With --check nothing is written, and the exit code is 1 when the file is not up to date.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    api: {
      type: 'string',
      value: 'IDENTIFIER',
      multiple: true,
      description: 'Only this API; may be repeated. Without it: all but the Management API',
    },
    format: {
      type: 'string',
      value: 'FORMAT',
      description: 'typescript (default) or json-schema',
      choices: formats,
    },
    out: { type: 'string', value: 'FILE', description: 'The file to write; without it, it is printed' },
    check: { type: 'boolean', description: 'Compare --out with the tenant, and write nothing' },
  },
  examples: [
    'rolecall types --out src/permissions.ts',
    'rolecall types --out src/permissions.ts --check',
    'rolecall types --api https://orders.example.com --format json-schema',
  ],
  async run(terminal, { api = [], format = 'typescript', out, check, ...chosen }) {
    const found = formats.find((name) => name === format)
    if (!found) throw new UsageError(`${format} is not one of ${formats.join(', ')}.`)
    if (check && out === undefined) throw new UsageError('--check compares the file of --out.')
    const apis = await typedApis(await connect(terminal, chosen), api)
    const source = found === 'typescript' ? typeScriptSource(apis) : schemaSource(apis)
    if (out === undefined) {
      terminal.print(source.trimEnd())
      return exitCodes.done
    }
    const path = resolve(terminal.folder, out)
    if (!check) {
      await writeFile(path, source)
      terminal.note(`${out}: ${count(apis.length, 'API')}.`)
      return exitCodes.done
    }
    if ((await textOf(path)) === source) return exitCodes.done
    throw new CommandError(`${out} is not up to date. Write it again with rolecall types --out ${out}.`)
  },
})

const resourceServer = z.looseObject({
  identifier: z.string(),
  name: z.string().default(''),
  is_system: z.boolean().default(false),
  scopes: z.array(z.object({ value: z.string(), description: z.string().nullish() })).default([]),
})

/** @throws UsageError for an API that does not exist */
async function typedApis(management: Management, wanted: readonly string[]): Promise<TypedApi[]> {
  const all = await management.list('/resource-servers', 'resource_servers', resourceServer)
  const missing = wanted.find((name) => !all.some(({ identifier }) => identifier === name))
  if (missing !== undefined)
    throw new UsageError(
      `There is no API ${missing}. There are: ${all.map(({ identifier }) => identifier).join(', ')}.`,
    )
  return all.filter(({ identifier, is_system: isSystem }) =>
    wanted.length > 0 ? wanted.includes(identifier) : !isSystem,
  )
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
