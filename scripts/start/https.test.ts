import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import {
  ensureLocalCertificates,
  type LocalCertificates,
} from '../../apps/server/src/crypto/local-certificates.ts'
import { addressesOf } from './addresses.ts'
import { hostsNotes, trustNotes } from './https.ts'
import { readOptions } from './options.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolecall-https-'))
const server = createServer((_request, response) => response.end('reached'))
let files: LocalCertificates
let issuer = ''

before(async () => {
  files = await ensureLocalCertificates(folder)
  server.setSecureContext({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert(typeof address === 'object' && address)
  issuer = `https://127.0.0.1:${address.port}/`
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/** The command that is printed for a program, followed by one that reaches the server. */
async function run(name: string, command: string): Promise<string> {
  const line = trustNotes(files.caFile, issuer, 'linux').find((note) => note.trim().startsWith(name))
  assert(line)
  const { HOME, PATH } = process.env
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', `${line.trim().slice(name.length)} && ${command}`],
    { env: { HOME: folder, PATH: `${PATH}`, ORIGINAL_HOME: `${HOME}` }, timeout: 20_000 },
  )
  return stdout
}

const absent = (program: string) => spawnSync(program, ['--help']).error !== undefined
const unix = process.platform !== 'win32'

test('after the line for Node, a program reaches the server', { skip: !unix }, async () => {
  const program = `fetch('${issuer}').then((response) => response.text()).then(console.log)`
  assert.equal(await run('Node', `"${process.execPath}" -e "${program}"`), 'reached\n')
})

test('after the line for Python, a program reaches the server', { skip: absent('python3') }, async () => {
  const program = `import urllib.request; print(urllib.request.urlopen('${issuer}').read().decode())`
  assert.equal(await run('Python', `python3 -c "${program}"`), 'reached\n')
})

test('the line for curl reaches the server', { skip: absent('curl') }, async () => {
  assert.match(await run('curl', 'true'), /^reached/)
})

test('the line for Chromium adds the authority to its store', { skip: absent('certutil') }, async () => {
  const prepare = 'mkdir -p "$HOME/.pki/nssdb" && certutil -d sql:$HOME/.pki/nssdb -N --empty-password'
  await promisify(execFile)('sh', ['-c', prepare], { env: { ...process.env, HOME: folder } })
  assert.match(await run('Chromium', 'certutil -d sql:$HOME/.pki/nssdb -L'), /Rolecall local authority +C,,/)
})

test('--host names the issuer, on 443 and over https; the hosts file needs one line for it', () => {
  const options = readOptions(['--host', 'rolecall.test'])
  assert.equal(addressesOf(options).issuer, 'https://rolecall.test/')
  assert.deepEqual(hostsNotes('rolecall.test', 'linux').slice(2, 3), ['  127.0.0.1 rolecall.test'])
  const other = readOptions(['--host', 'localhost', '--server-port', '8443'])
  assert.equal(addressesOf(other).issuer, 'https://localhost:8443/')
})

test('--host takes names alone', () => {
  for (const host of [
    '',
    '127.0.0.1',
    '::1',
    'rolecall.test:443',
    'https://a.test',
    'a_b.test',
    'A.test',
    'a-',
    'a..b',
  ])
    assert.throws(() => readOptions(['--host', host]), /must be a host name/, host)
})

test('a port that this user may not listen on is replaced, unless --server-port names it', async (t) => {
  const { ports, fallbackServerPort } = readOptions(['--host', 'rolecall.test'])
  assert.deepEqual([ports.server, fallbackServerPort], [443, 5050])
  const chosen = readOptions(['--host', 'rolecall.test', '--server-port', '8443'])
  assert.equal(chosen.fallbackServerPort, 8443)

  const first = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  if (!existsSync(first) || Number(readFileSync(first, 'utf8')) <= 443) {
    t.skip('every user may listen on 443 here')
    return
  }
  const wanted = JSON.stringify({ server: 443, client: 0, api: 0 })
  const program = `
    import { requireFreePorts } from '${import.meta.resolve('./ports.ts')}'
    console.log(JSON.stringify(await requireFreePorts(${wanted}, { fallbackServerPort: 0 })))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', program],
    // Root may listen on every port, so root starts this as an unprivileged user.
    { ...(process.getuid?.() === 0 && { uid: 65_534 }), cwd: '/', env: { TMPDIR: '/tmp' }, timeout: 20_000 },
  )
  assert.match(stdout, /^This user may not listen on port 443, so the server listens on 0\./)
  assert.match(stdout, /\{"server":0,"client":0,"api":0\}\n$/)
})
