// `npm ci`, when it is needed, with progress, and with one sentence when it cannot be done. Plain JavaScript for any
// Node.js from 18 up: see bootstrap.js.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Carries a sentence for the person at the terminal. */
export class InstallError extends Error {}

export const root = fileURLToPath(new URL('..', import.meta.url))
const privateNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

/** @type {NodeJS.Signals[]} those that ask a program to end */
export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** @typedef {{ version?: string, optional?: boolean, os?: string[], cpu?: string[] }} Package */

/** @param {string} folder that holds a lock file; npm writes the receipt as the last step of an installation */
const receiptOf = (folder) => join(folder, 'node_modules', '.package-lock.json')

/**
 * Whether every package that the lock file names is there in its version. Packages for other systems are optional.
 * @param {string} [folder] that holds the lock file; the repository unless another is named
 */
export function isInstalled(folder = root) {
  const receipt = receiptOf(folder)
  if (!existsSync(receipt)) return false
  const [wanted, present] = [packages(join(folder, 'package-lock.json')), packages(receipt)]
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true
    const found = present[path]
    return found ? found.version === version && existsSync(join(folder, path, 'package.json')) : optional
  })
}

/** The Node.js to go on with: the one npm installed, or this one where that is as good. */
export function runtime() {
  if (existsSync(privateNode)) return privateNode
  if (isAtLeast(24, 15)) return process.execPath
  throw new InstallError(
    'npm was told not to run install scripts, so it could not set up Node.js 24: allow them, or run this with Node.js 24.15 or newer.',
  )
}

/**
 * @param {string} [folder] that holds the lock file; the repository unless another is named
 * @param {string} [what] the packages are for
 * @throws {InstallError} when npm, the network or the disk does not let it
 */
export async function install(folder = root, what = 'Rolecall') {
  const awaited = Object.entries(packages(join(folder, 'package-lock.json')))
    .filter(([path, { os, cpu }]) => path !== '' && fits(os, process.platform) && fits(cpu, process.arch))
    .map(([path]) => path)
  const started = Date.now()
  // An interrupted removal must not leave the receipt of what it removed.
  rmSync(receiptOf(folder), { force: true })
  const stop = showProgress(folder, what, awaited, started)
  const { code, output } = await npm(folder, installCommand())
  stop()
  if (code !== 0) throw new InstallError(explain(output))
  process.stderr.write(`Installed in ${seconds(started)} s.\n`)
}

/**
 * npm leaves out optional packages that do not support the running Node.js, the bundler's native part among them
 * (`^20.19.0 || >=22.12.0`). Older ones therefore borrow the Node.js of package.json for the installation too.
 */
function installCommand() {
  // `--include=dev`: NODE_ENV=production in somebody's shell must not leave out the tools.
  const ci = [
    'ci',
    '--include=dev',
    '--loglevel=error',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
  ]
  if (isAtLeast(22, 12) || (isAtLeast(20, 19) && process.versions.node.startsWith('20.'))) return ci
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return ['exec', '--yes', '--loglevel=error', `--package=node@${devDependencies.node}`, '--', 'npm', ...ci]
}

/**
 * @param {string} folder
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, output: string }>} never, once this process was told to end
 */
function npm(folder, args) {
  // A workspace chosen on the command line (`npm test -w e2e`) is not all there is to install.
  const { npm_config_workspace: _, npm_config_workspaces: __, ...env } = process.env
  const windows = process.platform === 'win32'
  return new Promise((resolve) => {
    const child = spawn(windows ? 'npm.cmd' : 'npm', args, { cwd: folder, env, shell: windows })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      for (const name of signals) process.removeListener(name, forward)
      child.removeAllListeners('close').once('close', () => process.kill(process.pid, signal))
      child.kill(signal)
    }
    for (const name of signals) process.on(name, forward)
    child.on('close', (code) => {
      for (const name of signals) process.removeListener(name, forward)
      resolve({ code, output })
    })
  })
}

/** @param {string} output what npm said */
function explain(output) {
  if (/spawn npm(\.cmd)? ENOENT/.test(output)) return 'npm was not found: install Node.js together with npm.'
  const network =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/
  const reason = network.exec(output)?.[1]
  if (reason)
    return `The packages could not be downloaded, as npm cannot reach its registry (${reason}): connect to the network and run the command again.`
  // After the reason npm explains all its options.
  const [complaint = ''] = output.split(/\n.*Clean install a project/)
  return `${complaint.trim()}\nThe installation failed for the reason above: solve it and run the command again.`
}

/**
 * A line that is rewritten in a terminal, and one every ten seconds elsewhere.
 * @param {string} folder
 * @param {string} what
 * @param {string[]} paths of the packages that are awaited
 * @param {number} started epoch milliseconds
 * @returns {() => void} ends it
 */
function showProgress(folder, what, paths, started) {
  const terminal = process.stderr.isTTY
  const line = () => {
    const done = paths.filter((path) => existsSync(join(folder, path, 'package.json'))).length
    return `Installing: ${done} of about ${paths.length} packages, ${seconds(started)} s`
  }
  process.stderr.write(`Installing the packages of ${what} (about a minute, once).\n`)
  const show = () => process.stderr.write(terminal ? `\r\u001B[K${line()}` : `${line()}\n`)
  const timer = setInterval(show, terminal ? 500 : 10_000)
  return () => {
    clearInterval(timer)
    if (terminal) process.stderr.write('\r\u001B[K')
  }
}

/**
 * Whether a package is for this system; `!win32` names one it is not for.
 * @param {string[] | undefined} systems
 * @param {string} own
 */
function fits(systems, own) {
  return (
    !systems || systems.includes(own) || systems.every((name) => name.startsWith('!') && name !== `!${own}`)
  )
}

/** @param {number} since epoch milliseconds */
function seconds(since) {
  return Math.round((Date.now() - since) / 1000)
}

/**
 * @param {string} lockFile
 * @returns {Record<string, Package>} by path
 */
function packages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}

/**
 * @param {number} major
 * @param {number} minor
 */
function isAtLeast(major, minor) {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
