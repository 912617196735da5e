import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Explanation, explanation } from '@rolecall/contract'
import { z } from 'zod'
import { defineCommand } from '../command.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { reasonOf } from '../files.ts'
import type { Management } from '../management/management.ts'
import { connect } from '../session/connect.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { printResult, safe } from '../terminal.ts'

export const explainCommand = defineCommand({
  name: 'explain',
  parameters: ['PERMISSION'],
  summary: 'Say why a user or an application has a permission or not',
  description: 'The exit code is 0 when a token that is issued now can carry the permission, and 1 when not.',
  options: {
    ...connectionOptions,
    ...jsonOption,
    api: { type: 'string', value: 'IDENTIFIER', description: 'The API of the permission' },
    user: { type: 'string', value: 'USER', description: 'The id or the address of a user' },
    client: {
      type: 'string',
      value: 'CLIENT_ID',
      description: 'An application: for itself, or with --user, the user through it',
    },
    token: {
      type: 'string',
      value: 'FILE',
      description: 'A file with an access token, to compare with what is true now',
    },
  },
  examples: [
    'rolecall explain read:orders --api https://orders.example.com --user ada@example.com',
    'rolecall explain read:orders --api https://orders.example.com --client NoBpbdqu9cF2wXbAqbXwvmLPT4lNTTMt',
  ],
  async run(terminal, { api, user, client, token: file, json, ...chosen }, [permission = '']) {
    if (api === undefined) throw new UsageError('Name the API with --api.')
    if (user === undefined && client === undefined)
      throw new UsageError('Name a user with --user, an application with --client, or both.')
    const token = file === undefined ? undefined : await readToken(resolve(terminal.folder, file))
    const management = await connect(terminal, chosen)
    const body = {
      api,
      permission,
      ...(user !== undefined && { user_id: await userIdOf(management, user) }),
      ...(client !== undefined && { client_id: client }),
      ...(token !== undefined && { token }),
    }
    const answer = explanation.parse(await management.send('POST', '/authorization/explain', { body }))
    printResult(terminal, json, answer, () => describe(answer, permission))
    return answer.allowed ? exitCodes.done : exitCodes.failed
  },
})

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${reasonOf(error)}`)
  }
}

const found = z.array(z.looseObject({ user_id: z.string() }))

/** @throws UsageError for an address that no user, or more than one, has */
export async function userIdOf(management: Management, user: string): Promise<string> {
  if (!user.includes('@') || user.includes('|')) return user
  const users = await management.get('/users-by-email', found, { email: user })
  const [first, ...others] = users
  if (!first) throw new UsageError(`There is no user with the address ${user}.`)
  if (others.length > 0)
    throw new UsageError(
      `Several users have the address ${user}: ${users.map(({ user_id: id }) => id).join(', ')}.`,
    )
  return first.user_id
}

function describe(answer: Explanation, permission: string): string {
  const { allowed, checks, sources, user, application, api, last_change: change, token } = answer
  const subject = [user?.email, application?.name].filter((name) => name !== undefined).join(' through ')
  return [
    `${safe(subject)} ${allowed ? 'has' : 'does not have'} ${safe(permission)} on ${safe(api.identifier)}.`,
    '',
    ...checks.map(({ passed, message }) => `${passed ? '✓' : '✗'} ${safe(message)}`),
    ...from(sources),
    ...remedy(answer),
    ...(change ? ['', `Last change: ${change.date} ${safe(change.description)}`] : []),
    ...(token ? ['', 'The token:', ...token.findings.map(({ message }) => `  ${safe(message)}`)] : []),
  ].join('\n')
}

function from({ roles, direct, client_grant: grant }: Explanation['sources']): string[] {
  const all = [
    ...roles.map(nameOf),
    ...(direct ? ['a direct assignment'] : []),
    ...(grant ? ['a client grant'] : []),
  ]
  return all.length === 0 ? [] : ['', `From: ${all.join(', ')}`]
}

function nameOf({ name, direct, connections }: Explanation['sources']['roles'][number]): string {
  const giving = connections.map((one) => safe(one.name)).join(' and ')
  if (giving === '') return `the role ${safe(name)}`
  return `the role ${safe(name)} (${direct ? 'assigned, and ' : ''}given by ${giving})`
}

function remedy({ allowed, roles_that_give_it: roles }: Explanation): string[] {
  const missing = roles.filter(({ assigned }) => !assigned)
  if (allowed || missing.length === 0) return []
  return ['', `Roles that give it: ${missing.map(({ name }) => safe(name)).join(', ')}`]
}
