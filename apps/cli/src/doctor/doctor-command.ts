import { resolve } from 'node:path'
import { z } from 'zod'
import { defineCommand } from '../command.ts'
import { CommandError, exitCodes, UsageError } from '../errors.ts'
import { readText } from '../files.ts'
import type { Management } from '../management/management.ts'
import { connect } from '../session/connect.ts'
import { readIssuer } from '../session/endpoints.ts'
import { connectionOptions, jsonOption } from '../session/options.ts'
import { readProfiles } from '../session/profiles.ts'
import { printResult, safe, type Terminal, table } from '../terminal.ts'
import { checkEnvironments } from './environment-checks.ts'
import { type Finding, fail, ok } from './finding.ts'
import { checkApi, checkServer } from './server-checks.ts'
import { checkToken } from './token-checks.ts'

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'Find what is wrong between a server, its APIs, their clients and this machine',
  description: [
    'Checks the address and the certificate of the server, its issuer, its clock and its keys, and whether the Management API takes the',
    'credentials. Further checks need options. The exit code is 1 when a check fails.',
  ].join('\n'),
  options: {
    ...connectionOptions,
    ...jsonOption,
    url: { type: 'string', value: 'URL', description: 'A guarded route of an API: must ask for a token' },
    origin: {
      type: 'string',
      value: 'ORIGIN',
      description: 'With --url: pages of this origin must be allowed to call the API (CORS)',
    },
    audience: {
      type: 'string',
      value: 'IDENTIFIER',
      description: 'An API that must exist, and be in the token',
    },
    token: { type: 'string', value: 'FILE', description: 'A file with an access token to check' },
    env: {
      type: 'string',
      value: 'FILE',
      multiple: true,
      description: 'A file of environment variables to compare with the server; may be repeated',
    },
  },
  examples: [
    'rolecall doctor',
    'rolecall doctor --url http://localhost:6060/api/messages/admin --origin http://localhost:4040',
    'rolecall doctor --token token.txt --audience https://orders.example.com',
    'rolecall doctor --env .env --env ../api/.env',
  ],
  async run(terminal, { url, origin, audience, token, env = [], json, ...chosen }) {
    if (origin !== undefined && url === undefined)
      throw new UsageError('--origin needs the --url of the API.')
    if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new UsageError(`${url} is not an http(s) address.`)
    const issuer = await issuerOf(terminal, chosen)
    const { findings: found, keys } = await checkServer(issuer)
    const findings = [...found]
    const management = await connected(terminal, chosen, findings)
    if (management) {
      findings.push(...(await checkAudience(management, audience)))
      const files = env.map((name) => ({ name, path: resolve(terminal.folder, name) }))
      findings.push(...(await checkEnvironments(management, files)))
    }
    if (url !== undefined) findings.push(...(await checkApi(url, origin)))
    if (token !== undefined) {
      const text = (await readText(resolve(terminal.folder, token))).trim()
      findings.push(...checkToken(text, { issuer, audience, keys }))
    }
    printResult(terminal, json, findings, () => describe(findings))
    return findings.some(({ status }) => status === 'fail') ? exitCodes.failed : exitCodes.done
  },
})

/** The server that is checked, whether it answers or not. */
async function issuerOf(
  terminal: Terminal,
  { issuer, profile }: { issuer?: string; profile?: string },
): Promise<string> {
  const given = issuer ?? (profile === undefined ? terminal.env['ROLECALL_ISSUER'] : undefined)
  if (given) return readIssuer(given)
  const { current, profiles } = await readProfiles(terminal)
  const found = profiles[profile ?? terminal.env['ROLECALL_PROFILE'] ?? current ?? '']
  if (!found) throw new UsageError('No server is chosen. Give --issuer, or log in with rolecall login.')
  return found.issuer
}

/** @returns undefined, with a finding, where there is no token of the Management API */
async function connected(
  terminal: Terminal,
  chosen: { profile?: string; issuer?: string },
  findings: Finding[],
): Promise<Management | undefined> {
  try {
    const management = await connect(terminal, chosen)
    await management.get('/resource-servers', z.unknown(), { per_page: 1 })
    findings.push(ok('credentials', 'The Management API takes the credentials.'))
    return management
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    findings.push(fail('credentials', error.message))
    return undefined
  }
}

const apiItem = z.looseObject({ identifier: z.string(), enforce_policies: z.boolean().default(false) })

async function checkAudience(management: Management, audience: string | undefined): Promise<Finding[]> {
  if (audience === undefined) return []
  const apis = await management.list('/resource-servers', 'resource_servers', apiItem)
  return [
    apis.some(({ identifier }) => identifier === audience)
      ? ok('audience', `There is an API ${audience}.`)
      : fail(
          'audience',
          `There is no API ${audience}. An identifier is compared whole, with its slash at the end: ${apis.map(({ identifier }) => identifier).join(', ')}.`,
        ),
  ]
}

const marks = { ok: '✓', warn: '!', fail: '✗' } as const

const describe = (findings: readonly Finding[]) =>
  table(findings.map(({ status, subject, message }) => [marks[status], safe(subject), safe(message)]))
