import { createWriteStream, openAsBlob } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type JobError, type JobWire, job, jobError } from '@rolecall/contract'
import { z } from 'zod'
import { defineCommand } from '../command.ts'
import { CommandError, exitCodes, UsageError } from '../errors.ts'
import { reasonOf } from '../files.ts'
import type { Management } from '../management/management.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { printResult, safe, type Terminal } from '../terminal.ts'

const defaultConnection = 'Username-Password-Authentication'
const connectionOption = {
  connection: {
    type: 'string',
    value: 'NAME',
    description: `The database of users; without it, ${defaultConnection}`,
  },
} as const

export const usersImport = defineCommand({
  name: 'users import',
  parameters: ['FILE'],
  summary: 'Import users from a file, with their password hashes',
  description:
    'The file has a JSON array or lines of JSON, also compressed with gzip: docs/guides/importing-users.md. The exit code is 1 when a user was refused.',
  options: {
    ...connectionOptions,
    ...jsonOption,
    ...connectionOption,
    upsert: { type: 'boolean', description: 'Change users who exist' },
  },
  examples: ['rolecall users import users.json', 'rolecall users import export.ndjson.gz --upsert'],
  async run(terminal, { connection, upsert = false, json, ...chosen }, [file = '']) {
    const management = await connect(terminal, chosen)
    const { done, errors } = await importUsers(terminal, management, {
      path: resolve(terminal.folder, file),
      connection,
      upsert,
    })
    printResult(terminal, json, { job: done, errors }, () => describeImport(done, errors))
    return done.status === 'completed' && errors.length === 0 ? exitCodes.done : exitCodes.failed
  },
})

/**
 * Uploads a file of users and waits until the job has read it.
 * @throws UsageError for a file that cannot be read
 * @throws CommandError when the server refuses it
 */
export async function importUsers(
  terminal: Pick<Terminal, 'note' | 'wait'>,
  management: Management,
  { path, connection, upsert }: { path: string; connection?: string | undefined; upsert: boolean },
): Promise<{ done: JobWire; errors: JobError[] }> {
  const form = new FormData()
  form.set('connection_id', await connectionId(management, connection))
  form.set('upsert', String(upsert))
  form.set('send_completion_email', 'false')
  form.set('users', await blobOf(path), basename(path))
  const response = await fetch(new URL('api/v2/jobs/users-imports', management.issuer), {
    method: 'POST',
    headers: { authorization: `Bearer ${await management.accessToken()}` },
    body: form,
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (response.status !== 202) {
    const { message } = z.object({ message: z.string() }).safeParse(body).data ?? {}
    throw new CommandError(
      `The import was refused: ${message ?? 'no reason was given'} (status ${response.status}).`,
    )
  }
  const done = await waitFor(terminal, management, job.parse(body))
  // A job without errors answers 204.
  const listed = await management.send('GET', `/jobs/${done.id}/errors`)
  return { done, errors: z.array(jobError).parse(listed ?? []) }
}

async function blobOf(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path)
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reasonOf(error)}`)
  }
}

export function describeImport(
  { status, summary, status_details: details }: JobWire,
  errors: JobError[],
): string {
  if (status === 'failed') return `The import failed: ${details ?? 'no reason was given'}`
  const { inserted = 0, updated = 0, failed = 0 } = summary ?? {}
  return [
    `${inserted} users inserted, ${updated} updated, ${failed} refused.`,
    ...errors.map(({ user, errors: reasons }) => {
      const who = [user['email'], user['user_id']].find((name) => typeof name === 'string')
      return `  ${safe(who ?? 'a user')}: ${reasons.map(({ message }) => safe(message)).join(' ')}`
    }),
  ].join('\n')
}

export const usersExport = defineCommand({
  name: 'users export',
  parameters: ['FILE'],
  summary: 'Write the users into a file, without their passwords',
  description:
    'A file whose name ends in .gz is compressed. Password hashes are exported on the server only: rolecall export-users of the server, with its data folder and its sealing key.',
  options: {
    ...connectionOptions,
    ...connectionOption,
    format: {
      type: 'string',
      value: 'FORMAT',
      description: 'json (lines of JSON, default) or csv',
      choices: ['json', 'csv'],
    },
    field: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      description: 'A member of a user, such as user_metadata.plan; may be repeated',
    },
  },
  examples: [
    'rolecall users export users.ndjson',
    'rolecall users export users.csv --format csv --field email',
  ],
  async run(terminal, { connection, format = 'json', field = [], ...chosen }, [file = '']) {
    if (format !== 'json' && format !== 'csv') throw new UsageError(`${format} is not json or csv.`)
    const management = await connect(terminal, chosen)
    const started = await management.send('POST', '/jobs/users-exports', {
      body: {
        connection_id: await connectionId(management, connection),
        format,
        ...(field.length > 0 && { fields: field.map((name) => ({ name })) }),
      },
    })
    const {
      status,
      location,
      status_details: details,
    } = await waitFor(terminal, management, job.parse(started))
    if (status === 'failed' || location === undefined)
      throw new CommandError(`The export failed: ${details ?? 'no reason was given'}`)
    await download(location, resolve(terminal.folder, file))
    terminal.note(`Wrote ${file}.`)
  },
})

/** Writes the file of an export. It is sent compressed, and stays so when the name of the target ends in .gz. */
async function download(location: string, path: string): Promise<void> {
  const response = await fetch(location)
  if (!response.ok || !response.body)
    throw new CommandError(`The file of the export cannot be read (status ${response.status}).`)
  const compressed = Readable.fromWeb(response.body)
  const target = createWriteStream(path, { mode: 0o600 })
  await (path.endsWith('.gz') ? pipeline(compressed, target) : pipeline(compressed, createGunzip(), target))
}

const connectionItem = z.looseObject({ id: z.string(), name: z.string() })

async function connectionId(management: Management, name = defaultConnection): Promise<string> {
  const [found] = await management.get('/connections', z.array(connectionItem), { name })
  if (!found) throw new UsageError(`There is no connection ${name}.`)
  return found.id
}

const everyMs = 500

async function waitFor(
  terminal: Pick<Terminal, 'note' | 'wait'>,
  management: Management,
  started: JobWire,
): Promise<JobWire> {
  let current = started
  let shown = 0
  while (current.status === 'pending' || current.status === 'processing') {
    await terminal.wait(everyMs)
    current = await management.get(`/jobs/${current.id}`, job)
    const done = current.percentage_done ?? 0
    if (done >= shown + 10 && done < 100) terminal.note(`${(shown = done)} %`)
  }
  return current
}
