// Runs a TypeScript program of this repository: `node scripts/bootstrap.js scripts/start.ts --help`.
// First it installs what is missing, then it hands over to the Node.js that npm installed with the rest. Any Node.js
// from 18 up can run this file and those it imports: they are plain JavaScript and use nothing but Node itself.
// The help of a program is the file beside it (`start.help.txt`), so that it can be read before anything is installed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InstallError, install, isInstalled, root, runtime, signals } from './install.js'
import { memorySavers, nodeFlags } from './node-flags.js'

const [program = '', ...args] = process.argv.slice(2)
const helpFile = join(root, program.replace(/\.ts$/, '.help.txt'))

try {
  if (args.some((arg) => arg === '--help' || arg === '-h') && existsSync(helpFile))
    process.stdout.write(readFileSync(helpFile))
  else {
    if (!isInstalled()) await install()
    run(runtime())
  }
} catch (error) {
  if (!(error instanceof InstallError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

/** @param {string} node path of the executable */
function run(node) {
  const preload = `${pathToFileURL(join(root, 'scripts', 'end-with-parent.js')).href}?only`
  const flags = [...nodeFlags, '--import', preload]
  const child = spawn(node, [...flags, join(root, program), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...memorySavers(root),
      ...process.env,
      PATH: join(root, 'node_modules', '.bin') + delimiter + process.env.PATH,
    },
  })
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  const watch = watchNpm(() => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => {
    clearInterval(watch)
    for (const name of signals) process.removeAllListeners(name)
    if (signal) process.kill(process.pid, signal)
    else process.exitCode = code ?? 1
  })
}

/**
 * npm passes a signal to the shell it runs a script in, and not every shell passes it on. When that shell or npm is
 * gone, one of the processes above this one has another parent. Started without npm, this one may outlive its parent.
 * @param {() => void} onGone
 */
function watchNpm(onGone) {
  if (!process.env.npm_lifecycle_event) return undefined
  const above = ancestors()
  return setInterval(() => ancestors() !== above && onGone(), 100)
}

/** The parent, and its parent where the system says so in a file (Linux). */
function ancestors() {
  try {
    const [, parentOfParent] = /\) \S+ (\d+)/.exec(readFileSync(`/proc/${process.ppid}/stat`, 'utf8')) ?? []
    return `${process.ppid} ${parentOfParent}`
  } catch {
    return `${process.ppid}`
  }
}
