import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Cluster } from '../cluster/cluster.ts'
import type { Member } from '../cluster/member.ts'

/** A session at one member, without a proxy in between. */
export class Session {
  readonly #psql: ChildProcess
  readonly #lines: Interface

  private constructor(psql: ChildProcess, lines: Interface) {
    this.#psql = psql
    this.#lines = lines
  }

  /** Resolves when the session has answered. */
  static async open({ programs, secrets }: Cluster, { port }: Member): Promise<Session> {
    const address = ['-h', '127.0.0.1', '-p', String(port), '-U', 'rolecall', '-d', 'rolecall']
    const psql = spawn(join(programs.postgres, 'psql'), ['-X', ...address], {
      env: { PATH: process.env.PATH, PGPASSWORD: secrets.rolecall },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    psql.stdin.on('error', () => {})
    const lines = createInterface({ input: psql.stdout })
    psql.stdin.write(`\\echo ready\n`)
    await once(lines, 'line')
    return new Session(psql, lines)
  }

  /** @returns whether the member acknowledges a write before it ends the session */
  async insert(): Promise<boolean> {
    const acknowledged = new Promise<boolean>((resolve) => {
      this.#lines.on('line', (line) => line.startsWith('INSERT') && resolve(true))
      this.#lines.once('close', () => resolve(false))
    })
    this.#psql.stdin?.write("insert into settings (id, data, updated_at) values ('thawed', '0', 0);\n\\q\n")
    return acknowledged
  }

  close(): void {
    this.#psql.kill()
  }
}
