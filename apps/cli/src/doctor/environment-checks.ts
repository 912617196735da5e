import { parseEnv } from 'node:util'
import { z } from 'zod'
import { readText } from '../files.ts'
import type { Management } from '../management/management.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const apiItem = z.looseObject({ identifier: z.string() })
const clientItem = z.looseObject({
  client_id: z.string(),
  name: z.string().default(''),
  callbacks: z.array(z.string()).nullish(),
})

interface Known {
  issuer: string
  apis: readonly string[]
  clients: readonly z.output<typeof clientItem>[]
}

/** Compares files of environment variables with the server: an address, an API or an application that it does not have. */
export async function checkEnvironments(
  management: Management,
  files: readonly { name: string; path: string }[],
): Promise<Finding[]> {
  if (files.length === 0) return []
  const apis = await management.list('/resource-servers', 'resource_servers', apiItem)
  const clients = await management.list('/clients', 'clients', clientItem)
  const known = { issuer: management.issuer, apis: apis.map(({ identifier }) => identifier), clients }
  const findings: Finding[] = []
  for (const { name, path } of files)
    findings.push(...checkEnvironment(name, parseEnv(await readText(path)), known))
  return findings
}

/** By the end of a variable's name, because frameworks put `VITE_` or `REACT_APP_` in front of it. */
export function checkEnvironment(
  file: string,
  variables: Record<string, string | undefined>,
  known: Known,
): Finding[] {
  const valuesOf = (pattern: RegExp) =>
    Object.entries(variables).filter(
      (entry): entry is [string, string] => pattern.test(entry[0]) && Boolean(entry[1]),
    )
  const clientIds = valuesOf(/CLIENT_ID$/)
  const findings = [
    ...valuesOf(/(DOMAIN|ISSUER|ISSUER_BASE_URL)$/).map(([name, value]) =>
      hostOf(value) === hostOf(known.issuer)
        ? undefined
        : fail(file, `${name} is ${value}, and the server is ${known.issuer}.`),
    ),
    ...valuesOf(/AUDIENCE$/).map(([name, value]) =>
      known.apis.includes(value)
        ? undefined
        : fail(file, `${name} is ${value}. There is no such API: ${known.apis.join(', ')}.`),
    ),
    ...clientIds.map(([name, value]) =>
      known.clients.some(({ client_id: id }) => id === value)
        ? undefined
        : fail(file, `${name} is ${value}. There is no such application.`),
    ),
    ...valuesOf(/(CALLBACK_URL|REDIRECT_URI)$/).map(([name, value]) =>
      callbackFinding(file, name, value, clientIds, known),
    ),
  ]
  const problems = findings.filter((finding) => finding !== undefined)
  if (findings.length === 0)
    return [warn(file, 'It has no variable that is known: domain, audience, client ID or callback.')]
  return problems.length > 0 ? problems : [ok(file, 'It fits the server.')]
}

function callbackFinding(
  file: string,
  name: string,
  value: string,
  clientIds: readonly [string, string][],
  { clients }: Known,
): Finding | undefined {
  const [id] = clientIds.map(([, clientId]) => clientId)
  const client = clients.find(({ client_id: one }) => one === id)
  if (!client || client.callbacks?.includes(value)) return undefined
  return fail(file, `${name} is ${value}, which is not in the callbacks of ${client.name}.`)
}

const hostOf = (value: string) => URL.parse(value.includes('://') ? value : `https://${value}`)?.host ?? value
