import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Credentials } from '../start/credentials.ts'
import { prepareStore } from '../start/prepare.ts'
import { StartProblem } from '../start/problem.ts'
import { configure } from './configuration.ts'
import { createDatabase, untilPrimary } from './database.ts'
import { ProgramFolder } from './folder.ts'
import { Member } from './member.ts'
import { Node } from './node.ts'
import type { Programs } from './packages.ts'
import { findPrimary, type MemberState, memberStates } from './patroni.ts'
import { freePorts, isFree } from './ports.ts'

const startTimeoutMs = 120_000
const retryMs = 200

export interface ClusterOptions {
  /** Where Rolecall answers; absent, a free one. */
  port?: number
  /** The nodes that reach the database through PgBouncer. */
  pooled: readonly string[]
  /** Puts the data of each member on a file system of this size, where this user may mount one. */
  diskMegabytes?: number
  /** The node whose clock `clockFile` moves, where libfaketime is installed. */
  movedClock?: string
}

/** The programs of a cluster on this machine. `stop` ends all of them and deletes their data. */
export class Cluster {
  readonly programs: Programs
  readonly options: ClusterOptions
  readonly folder = new ProgramFolder()
  readonly secrets = { superuser: secret(), replication: secret(), rest: secret(), rolecall: secret() }
  readonly members: Member[] = []
  readonly nodes: Node[] = []
  /** The other programs by name: etcd, proxies, PgBouncer. */
  readonly running = new Map<string, ChildProcess>()
  ports: Record<string, number> = {}
  #report: (step: string) => void = () => {}

  constructor(programs: Programs, options: ClusterOptions) {
    this.programs = programs
    this.options = options
  }

  get issuer(): string {
    return `http://localhost:${this.port('entrance')}/`
  }

  /** The file that holds the offset of the moved clock, such as `+90`. */
  get clockFile(): string {
    return join(this.folder.path, 'clock')
  }

  onProgress(report: (step: string) => void): void {
    this.#report = report
  }

  /**
   * Starts everything, and fills the store with the objects of the tutorial.
   * @throws {StartProblem} with the output of the program that does not start
   */
  async start(): Promise<Credentials> {
    await this.#choosePorts()
    this.#report('Starting etcd and three members of PostgreSQL (about 20 seconds)')
    this.startProgram('etcd')
    for (const name of ['m1', 'm2', 'm3']) this.members.push(this.#makeMember(name))
    // The first one makes the cluster, the others copy it.
    for (const member of this.members) member.start()
    await this.untilHealthy()
    const primary = await findPrimary(this.members)
    if (!primary) throw new StartProblem('No member of PostgreSQL became the primary.')
    createDatabase(this, primary.port)
    this.#report('Starting the proxies and two Rolecall nodes, which migrate the database together')
    for (const name of ['database1', 'database2', 'entrance']) this.startProgram(name)
    for (const name of ['database1', 'database2']) await untilPrimary(this, this.port(name))
    if (this.options.pooled.length > 0) {
      this.startProgram('pgbouncer')
      await untilPrimary(this, this.port('pgbouncer'))
    }
    const sealingKey = randomBytes(32).toString('base64')
    this.nodes.push(...['node1', 'node2'].map((name) => this.#makeNode(name, sealingKey)))
    await Promise.all(this.nodes.map((node) => node.start()))
    const [node] = this.nodes
    if (!node) throw new Error('there are nodes')
    const dir = this.folder.makeFolder('seed')
    const { credentials } = await prepareStore({
      env: { ...node.env, DATA_DIR: dir },
      clientUrl: 'http://localhost:4040',
      apiUrl: 'http://localhost:6060',
      dir,
      empty: false,
    })
    if (!credentials) throw new Error('the store has the objects of the tutorial')
    return credentials
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
    await this.folder.remove()
  }

  /** Resolves when there is a primary with a synchronous standby and each member follows it. */
  async untilHealthy(timeoutMs = startTimeoutMs): Promise<void> {
    const last = performance.now() + timeoutMs
    for (;;) {
      const states = await memberStates(this.members)
      if (states.length === this.members.length && isHealthy(states)) return
      if (performance.now() > last) throw new StartProblem(this.#describeFailure(states))
      await pause(retryMs)
    }
  }

  /** Starts etcd, PgBouncer or one of the proxies, with its configuration. */
  startProgram(name: string): void {
    const [program, args] = this.#command(name)
    this.running.set(name, this.folder.start(name, program, args))
  }

  /** The process of etcd, PgBouncer or one of the proxies. */
  process(name: string): ChildProcess {
    const child = this.running.get(name)
    if (!child) throw new Error(`${name} does not run`)
    return child
  }

  port(name: string): number {
    const port = this.ports[name]
    if (port === undefined) throw new Error(`${name} has no port`)
    return port
  }

  #command(name: string): [program: string, args: string[]] {
    const { etcd, haproxy, pgbouncer } = this.programs
    const at = (port: string) => `127.0.0.1:${this.port(port)}`
    if (name === 'etcd') {
      const [clients, peers] = [`http://${at('etcd')}`, `http://${at('etcd-peer')}`]
      const settings = {
        name: 'etcd1',
        'data-dir': join(this.folder.path, 'etcd'),
        'listen-client-urls': clients,
        'advertise-client-urls': clients,
        'listen-peer-urls': peers,
        'initial-advertise-peer-urls': peers,
        'initial-cluster': `etcd1=${peers}`,
      }
      return [etcd, Object.entries(settings).map(([option, value]) => `--${option}=${value}`)]
    }
    if (name === 'pgbouncer' && pgbouncer) return [pgbouncer, [this.#configurePgbouncer()]]
    const members = Object.fromEntries(
      this.members.flatMap((member) => {
        const prefix = member.name.toUpperCase()
        return [
          [`${prefix}_DATABASE`, `127.0.0.1:${member.port}`],
          [`${prefix}_REST_PORT`, member.restPort],
        ]
      }),
    )
    const text =
      name === 'entrance'
        ? configure('haproxy.cfg', {
            ENTRANCE: at('entrance'),
            SCHEME: 'http',
            NODE1: at('node1'),
            NODE2: at('node2'),
          })
        : configure('haproxy-database.cfg', { DATABASE_ENTRANCE: at(name), ...members })
    return [haproxy, ['-db', '-f', this.folder.write(`${name}.cfg`, text)]]
  }

  #configurePgbouncer(): string {
    if (!this.running.has('pgbouncer')) this.folder.makeFolder('pooler')
    this.folder.write('pooler/users.txt', `"rolecall" "${this.secrets.rolecall}"\n`)
    return this.folder.write(
      'pooler/pgbouncer.ini',
      configure('pgbouncer.ini', {
        DATABASE_HOST: '127.0.0.1',
        DATABASE_PORT: this.port('database2'),
        POOLER_HOST: '127.0.0.1',
        POOLER_PORT: this.port('pgbouncer'),
        FOLDER: join(this.folder.path, 'pooler'),
      }),
    )
  }

  #makeMember(name: string): Member {
    const folder = this.folder.makeFolder(name)
    const { diskMegabytes } = this.options
    let disk: string | undefined
    if (diskMegabytes !== undefined) {
      disk = this.folder.makeFolder(`${name}/disk`)
      if (!this.folder.mount(disk, diskMegabytes)) disk = undefined
    }
    const address = (port: string) => `127.0.0.1:${this.port(port)}`
    const file = this.folder.write(
      `${name}/patroni.yml`,
      configure('patroni.yml', {
        NAME: name,
        FOLDER: folder,
        DATA: join(disk ?? folder, 'data'),
        REST_ADDRESS: address(`${name}-rest`),
        DATABASE_ADDRESS: address(name),
        ETCD_ADDRESS: address('etcd'),
        POSTGRES_PROGRAMS: this.programs.postgres,
        REST_PASSWORD: this.secrets.rest,
        SUPERUSER_PASSWORD: this.secrets.superuser,
        REPLICATION_PASSWORD: this.secrets.replication,
      }),
    )
    return new Member(
      { name, folder, disk, port: this.port(name), restPort: this.port(`${name}-rest`) },
      () => this.folder.start(name, this.programs.patroni, [file]),
    )
  }

  #makeNode(name: string, sealingKey: string): Node {
    const isPooled = this.options.pooled.includes(name)
    const database = this.port(isPooled ? 'pgbouncer' : name.replace('node', 'database'))
    const { faketime } = this.programs
    return new Node({
      name,
      port: this.port(name),
      logFile: join(this.folder.path, `${name}.log`),
      env: {
        ISSUER: this.issuer,
        TRUST_PROXY: '127.0.0.1',
        DATA_DIR: this.folder.makeFolder(name),
        DATABASE_URL: `postgres://rolecall:${this.secrets.rolecall}@127.0.0.1:${database}/rolecall`,
        ...(isPooled && { DATABASE_POOLING: 'transaction' }),
        SEALING_KEY: sealingKey,
      },
      ...(this.options.movedClock === name &&
        faketime && {
          preload: {
            LD_PRELOAD: faketime,
            FAKETIME_TIMESTAMP_FILE: this.clockFile,
            FAKETIME_NO_CACHE: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
          },
        }),
    })
  }

  async #choosePorts(): Promise<void> {
    const { port } = this.options
    if (port !== undefined && !(await isFree(port)))
      throw new StartProblem(
        `Port ${port} is in use by another program: stop that one, or choose another with --port.`,
      )
    const names = ['etcd', 'etcd-peer', 'm1', 'm1-rest', 'm2', 'm2-rest', 'm3', 'm3-rest']
    names.push('database1', 'database2', 'pgbouncer', 'node1', 'node2', 'entrance')
    const free = await freePorts(names.length)
    this.ports = Object.fromEntries(names.map((name, place) => [name, free[place] ?? 0]))
    if (port !== undefined) this.ports['entrance'] = port
  }

  #describeFailure(states: MemberState[]): string {
    const seen = states.map(({ name, role, state }) => `${name} is ${role}, ${state}`).join('; ')
    const logs = ['etcd', 'm1', 'm2', 'm3'].map((name) => `${name}:\n${this.folder.tail(name)}`)
    return `The PostgreSQL cluster is not complete (${seen || 'Patroni does not answer'}).\n${logs.join('\n')}`
  }
}

function isHealthy(states: MemberState[]): boolean {
  const roles = new Set(states.map(({ role }) => role))
  return (
    roles.has('leader') &&
    roles.has('sync_standby') &&
    states.every(({ state }) => state === 'running' || state === 'streaming')
  )
}

/** In hexadecimal, so that it needs no quotes in any of the files. */
function secret(): string {
  return randomBytes(24).toString('hex')
}
