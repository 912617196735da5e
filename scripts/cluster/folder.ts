import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Runs until its standard input closes, which the kernel does when this process ends, for whatever reason. It then ends
 * every process whose command line names the folder, unmounts what is mounted in it, and deletes it. The name of the
 * folder is random, so that these processes are those that were started here.
 */
const CLEANER = `
trap '' INT TERM HUP PIPE
cat >/dev/null
# The brackets keep the pattern from finding grep itself.
found() { grep -la "[/]\${FOLDER#/}/$1" /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3; }
send() { signal="$1"; shift; for pid in "$@"; do kill -s "$signal" "$pid" 2>/dev/null; done; }
# Some may be frozen. Those of PostgreSQL name the folder in the first process alone.
for pid in $(found); do send CONT "$pid" $(ps -o pid= --ppid "$pid"); done
# Patroni first, because it starts PostgreSQL again.
send KILL $(found '.*patroni.yml')
# PostgreSQL ends without a checkpoint, and takes its shared memory with it.
send QUIT $(found)
for attempt in $(seq 40); do
  [ -z "$(found)" ] && break
  [ "$attempt" = 10 ] && send TERM $(found)
  sleep 0.2
done
send KILL $(found)
for disk in "$FOLDER"/*/disk; do mountpoint -q "$disk" && umount "$disk"; done
rm -rf "$FOLDER" 2>/dev/null || { sleep 2; rm -rf "$FOLDER"; }
`

interface Owner {
  uid?: number
  gid?: number
}

/** A temporary folder with the data of programs and the programs themselves. It goes with all of them. */
export class ProgramFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'rolecall-cluster-'))
  /** PostgreSQL refuses to run as root. The other programs run as the same user. */
  readonly #owner: Owner = process.getuid?.() === 0 ? userOf('postgres') : {}
  readonly #cleaner: ChildProcess

  constructor() {
    this.#own(this.path)
    this.#cleaner = spawn('/bin/sh', ['-c', CLEANER], {
      cwd: '/',
      detached: true,
      env: { PATH: process.env.PATH, FOLDER: this.path },
      stdio: ['pipe', 'ignore', 'inherit'],
    })
  }

  makeFolder(name: string): string {
    const path = join(this.path, name)
    mkdirSync(path, { mode: 0o700 })
    this.#own(path)
    return path
  }

  /** Writes a file that only the programs can read. @returns its path */
  write(name: string, content: string): string {
    const path = join(this.path, name)
    writeFileSync(path, content, { mode: 0o600 })
    this.#own(path)
    return path
  }

  /** Mounts a file system of a size in memory. @returns false where that is not possible, as without root */
  mount(path: string, megabytes: number): boolean {
    if (process.getuid?.() !== 0) return false
    const { uid, gid } = this.#owner
    const options = `size=${megabytes}m,mode=0700,uid=${uid},gid=${gid}`
    return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'rolecall', path]).status === 0
  }

  /** Starts a program in the folder. What it prints goes to the file `<name>.log`. Its arguments name the folder. */
  start(name: string, program: string, args: string[]): ChildProcess {
    const log = openSync(join(this.path, `${name}.log`), 'a', 0o600)
    const child = spawn(program, args, {
      ...this.#owner,
      cwd: this.path,
      // A Ctrl-C at the terminal is for this process, which stops the others.
      detached: true,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', HOME: this.path },
      stdio: ['ignore', log, log],
    })
    child.on('error', () => {})
    return child
  }

  /** The last lines that a program printed. */
  tail(name: string, lines = 15): string {
    return readFileSync(join(this.path, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-lines)
      .join('\n')
  }

  /** Ends all programs, and deletes the folder. */
  async remove(): Promise<void> {
    const ended = this.#cleaner.exitCode === null ? once(this.#cleaner, 'exit') : undefined
    this.#cleaner.stdin?.end()
    await ended
  }

  #own(path: string): void {
    const { uid, gid } = this.#owner
    if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
  }
}

function userOf(name: string): Owner {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}
