import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from '../cluster/cluster.ts'
import type { Member } from '../cluster/member.ts'
import type { Node } from '../cluster/node.ts'
import { findPrimary, memberStates, switchOver } from '../cluster/patroni.ts'
import { Disk } from './disk.ts'
import { Session } from './session.ts'

/** In the order in which they are run. */
export const faultNames = [
  'none',
  'kill-node',
  'kill-postmaster',
  'switch-over',
  'kill-member',
  'freeze-member',
  'black-hole',
  'kill-replica',
  'stop-etcd',
  'restart-pgbouncer',
  'full-disk',
  'move-clock',
  'upgrade',
] as const
type FaultName = (typeof faultNames)[number]

/** What is done to a running cluster. One object serves one run. */
export interface Fault {
  name: FaultName
  description: string
  /** Why it cannot be run here; absent when it can. */
  impossible?: string
  /** The longest span without a success that docs/guides/cluster.md promises. */
  limitSeconds?: number
  /** Resolves when the fault has lasted long enough. */
  inject(): Promise<void>
  /** Restores what `inject` broke, however far it came. */
  heal?(): Promise<void>
}

/** The proxy needs up to two seconds to see that a node is ready. */
const killEveryMs = 5_000
const electionTimeoutMs = 90_000
/** The moved clock is ahead, and then behind, by this. More than codes live. */
const clockSeconds = 90

/** All faults, in the order of `faultNames`. */
export function faultsOf(cluster: Cluster, report: (problem: string) => void): Fault[] {
  const { members, nodes } = cluster
  const [node1, node2] = nodes
  if (!node1 || !node2) throw new Error('the cluster runs')
  return [
    { name: 'none', description: 'no fault, 10 s', inject: () => pause(10_000) },
    killNodes([node1, node2]),
    {
      name: 'kill-postmaster',
      description: 'SIGKILL to PostgreSQL of the primary',
      limitSeconds: 15,
      async inject() {
        const primary = await primaryOf(members)
        process.kill(primary.postmasterPid ?? 0, 'SIGKILL')
        await pause(15_000)
      },
    },
    {
      name: 'switch-over',
      description: 'planned hand-over to the synchronous standby',
      limitSeconds: 15,
      async inject() {
        const standby = await synchronousStandby(members)
        await switchOver(await primaryOf(members), standby.name, cluster.secrets.rest)
        await pause(10_000)
      },
    },
    killMember(members),
    freezeMember(cluster, report),
    {
      name: 'black-hole',
      description: 'the link of node1 to the database carries nothing for 15 s (its proxy is frozen)',
      async inject() {
        cluster.process('database1').kill('SIGSTOP')
        await pause(15_000)
      },
      async heal() {
        cluster.process('database1').kill('SIGCONT')
      },
    },
    killReplica(members),
    restart(cluster, 'etcd', 'stop-etcd', 'etcd is away for 30 s, which is longer than ttl', 30_000),
    {
      ...restart(cluster, 'pgbouncer', 'restart-pgbouncer', 'PgBouncer of node2 is killed and started', 0),
      ...(!cluster.running.has('pgbouncer') && { impossible: 'the package pgbouncer is not installed' }),
    },
    fillDisk(members),
    moveClock(cluster, node1),
    upgrade([node1, node2]),
  ]
}

function killNodes(nodes: [Node, Node]): Fault {
  return {
    name: 'kill-node',
    description: 'SIGKILL to the Rolecall nodes alternately, each 5 s after the other one was started again',
    limitSeconds: 1,
    async inject() {
      for (const node of [...nodes, ...nodes]) {
        await node.kill()
        await node.start()
        await pause(killEveryMs)
      }
    },
    async heal() {
      for (const node of nodes) await node.start()
    },
  }
}

function killMember(members: readonly Member[]): Fault {
  let victim: Member | undefined
  return {
    name: 'kill-member',
    description: 'SIGKILL to Patroni and PostgreSQL of the primary',
    limitSeconds: 30,
    async inject() {
      victim = await primaryOf(members)
      victim.signal('SIGKILL')
      await untilReplaced(members, victim)
      await pause(5_000)
    },
    async heal() {
      victim?.start()
    },
  }
}

function freezeMember(cluster: Cluster, report: (problem: string) => void): Fault {
  let victim: Member | undefined
  return {
    name: 'freeze-member',
    description: 'SIGSTOP to all of the primary, SIGCONT 5 s after another one was elected',
    limitSeconds: 30,
    async inject() {
      const frozen = await primaryOf(cluster.members)
      const session = await Session.open(cluster, frozen)
      victim = frozen
      victim.signal('SIGSTOP')
      await untilReplaced(cluster.members, victim)
      await pause(5_000)
      // A session of before, without the proxy that has ended the others.
      const written = session.insert()
      victim.signal('SIGCONT')
      if (await written) report('the thawed member acknowledged a write')
      session.close()
      await pause(5_000)
    },
    async heal() {
      victim?.signal('SIGCONT')
    },
  }
}

function killReplica(members: readonly Member[]): Fault {
  let victim: Member | undefined
  return {
    name: 'kill-replica',
    description: 'SIGKILL to Patroni and PostgreSQL of the synchronous standby',
    async inject() {
      victim = await synchronousStandby(members)
      victim.signal('SIGKILL')
      await pause(20_000)
    },
    async heal() {
      victim?.start()
    },
  }
}

function restart(
  cluster: Cluster,
  program: string,
  name: FaultName,
  description: string,
  awayMs: number,
): Fault {
  return {
    name,
    description,
    async inject() {
      cluster.process(program).kill('SIGKILL')
      await pause(awayMs)
    },
    async heal() {
      cluster.startProgram(program)
      await pause(5_000)
    },
  }
}

function fillDisk(members: readonly Member[]): Fault {
  let disk: Disk | undefined
  const isMounted = members.every((member) => member.disk !== undefined)
  return {
    name: 'full-disk',
    description: 'the disk of the primary is full for 20 s',
    ...(!isMounted && { impossible: 'this user may not mount a file system of a limited size' }),
    async inject() {
      const primary = await primaryOf(members)
      disk = new Disk(primary.disk ?? '')
      disk.fill()
      await pause(20_000)
    },
    async heal() {
      disk?.empty()
    },
  }
}

function moveClock({ clockFile, programs }: Cluster, node: Node): Fault {
  const move = (seconds: number) => writeFileSync(clockFile, `${seconds < 0 ? '' : '+'}${seconds}s\n`)
  /** The clock as the node sees it. */
  const requireOffset = async (seconds: number) => {
    const { headers } = await fetch(new URL('/healthz', node.url))
    const offset = (Date.parse(headers.get('date') ?? '') - Date.now()) / 1_000
    if (Math.abs(offset - seconds) > 5) throw new Error(`the clock of ${node.name} was not moved`)
  }
  return {
    name: 'move-clock',
    description: `the clock of node1 is ${clockSeconds} s ahead, and then as much behind, for 10 s each`,
    ...(!programs.faketime && { impossible: 'the package libfaketime is not installed' }),
    async inject() {
      for (const seconds of [clockSeconds, -clockSeconds]) {
        move(seconds)
        await pause(10_000)
        await requireOffset(seconds)
      }
    },
    async heal() {
      move(0)
    },
  }
}

function upgrade(nodes: [Node, Node]): Fault {
  return {
    name: 'upgrade',
    description: 'one node after the other is replaced by a version that adds a column; 10 s with both',
    async inject() {
      for (const node of nodes) {
        await node.stop()
        await node.start('scripts/chaos/next-version.ts')
        await pause(10_000)
      }
    },
    async heal() {
      for (const node of nodes) await node.start('scripts/chaos/next-version.ts')
    },
  }
}

async function primaryOf(members: readonly Member[]): Promise<Member> {
  const primary = await findPrimary(members)
  if (!primary) throw new Error('There is no primary.')
  return primary
}

async function synchronousStandby(members: readonly Member[]): Promise<Member> {
  const states = await memberStates(members)
  const state = states.find(({ role }) => role === 'sync_standby')
  const standby = members.find(({ name }) => name === state?.name)
  if (!standby) throw new Error('There is no synchronous standby.')
  return standby
}

async function untilReplaced(members: readonly Member[], old: Member): Promise<void> {
  const others = members.filter((member) => member !== old)
  const last = performance.now() + electionTimeoutMs
  while ((await findPrimary(others)) === undefined) {
    if (performance.now() > last)
      throw new Error(`No other member became the primary in ${electionTimeoutMs / 1000} s.`)
    await pause(200)
  }
}
