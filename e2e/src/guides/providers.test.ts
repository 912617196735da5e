/** The guide for other providers, followed literally with a second server as the provider. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { createRole, transaction } from '@rolecall/server/test-kit'
import { stores, temporaryFolder } from '@rolecall/server/test-kit/store'
import { type HttpsServer, startHttpsServer } from '../management/https-server.ts'
import { codeOf } from './guide.ts'

const guide = 'docs/guides/other-providers.md'

async function tokenOf({ domain, caFile, clientId, clientSecret }: HttpsServer): Promise<string> {
  const body = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    audience: `https://${domain}/api/v2/`,
  }
  const { stdout } = await promisify(execFile)('curl', [
    '--silent',
    '--cacert',
    caFile,
    `https://${domain}/oauth/token`,
    '--json',
    JSON.stringify(body),
  ])
  return String(JSON.parse(stdout).access_token)
}

test('other-providers.md: a second server becomes a provider with the commands of the guide', {
  timeout: 120_000,
}, async (t) => {
  const [kind] = stores
  assert.ok(kind)
  const provider = await startHttpsServer(t, kind)
  const server = await startHttpsServer(t, kind, { localHosts: ['localhost'] })
  const authorities = await Promise.all([provider, server].map(({ caFile }) => readFile(caFile, 'utf8')))
  // The server under test runs in this process.
  setDefaultCACertificates([...getCACertificates('default'), ...authorities])
  await transaction(server.ctx, (tx) => createRole(tx, { name: 'Support' }))
  const folder = await temporaryFolder(t)
  const bundle = join(folder, 'authorities.pem')
  await writeFile(bundle, authorities.join('\n'))
  const env = {
    PATH: process.env['PATH'],
    CURL_CA_BUNDLE: bundle,
    ISSUER: `https://${server.domain}`,
    PROVIDER: `https://${provider.domain}`,
    TOKEN: await tokenOf(server),
    PROVIDER_TOKEN: await tokenOf(provider),
  }
  const run = async (block: string, more: Record<string, string> = {}) => {
    const command = await codeOf(guide, `sh ${block}`)
    const { stdout } = await promisify(execFile)('sh', ['-c', command.replaceAll('curl', 'curl --silent')], {
      cwd: folder,
      env: { ...env, ...more },
      timeout: 60_000,
    })
    return stdout === '' ? {} : JSON.parse(stdout)
  }

  const registered = await run('register')
  assert.match(registered.client_id, /^\w{32}$/)
  const connection = (await codeOf(guide, 'json'))
    .replace('CLIENT_ID', registered.client_id)
    .replace('CLIENT_SECRET', registered.client_secret)
    .replace('https://id.example.com/', `https://${provider.domain}/`)
  await writeFile(join(folder, 'connection.json'), connection)
  const created = await run('create')
  assert.match(created.id, /^con_/, JSON.stringify(created))
  assert.deepEqual(created.options.role_mapping, JSON.parse(connection).options.role_mapping)
  assert.ok(!JSON.stringify(created).includes(registered.client_secret))

  const CONNECTION = created.id
  assert.deepEqual(await run('check', { CONNECTION }), { ok: true, issuer: `https://${provider.domain}/` })
  const { client_id: APPLICATION } = await run('register', {
    PROVIDER: env.ISSUER,
    PROVIDER_TOKEN: env.TOKEN,
  })
  assert.deepEqual(await run('enable', { CONNECTION, APPLICATION }), {})
  const { stdout } = await promisify(execFile)(
    'curl',
    [
      '--silent',
      `${env.ISSUER}/api/v2/connections/${CONNECTION}`,
      '--header',
      `Authorization: Bearer ${env.TOKEN}`,
    ],
    { env },
  )
  assert.deepEqual(JSON.parse(stdout).enabled_clients, [APPLICATION])
})
