// `auth0-deploy-cli`: an export, an import of the same file with deletions, and an export that equals the first.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from './check.js'
import { clientId, clientSecret, domain } from './settings.js'

const cli = createRequire(import.meta.url).resolve('auth0-deploy-cli/lib/index.js')
const folder = mkdtempSync(join(tmpdir(), 'rolecall-deploy-'))
const file = join(folder, 'tenant.yaml')

/** An import compiles its schemas for 40 seconds of processor time. */
function run(...args) {
  const env = {
    ...process.env,
    AUTH0_DOMAIN: domain,
    AUTH0_CLIENT_ID: clientId,
    AUTH0_CLIENT_SECRET: clientSecret,
    AUTH0_INCLUDED_ONLY: '["resourceServers","roles","clients","clientGrants","databases","tenant"]',
    AUTH0_ALLOW_DELETE: 'true',
  }
  try {
    execFileSync(process.execPath, [cli, ...args], { env, stdio: 'pipe', timeout: 240_000 })
  } catch (error) {
    const reason = error.signal ? 'it did not end within four minutes' : `${error.stderr}`.slice(-500)
    throw new Error(reason, { cause: error })
  }
}

let first
await check('export', () => {
  run('export', '--format', 'yaml', '--output_folder', folder)
  first = readFileSync(file, 'utf8')
  assert.match(first, /read:admin-messages/)
})
await check('import of the export, with deletions, changes nothing', () => {
  run('import', '--input_file', file)
  run('export', '--format', 'yaml', '--output_folder', folder)
  assert.equal(readFileSync(file, 'utf8'), first)
})
rmSync(folder, { recursive: true })
