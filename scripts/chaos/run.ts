import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { openStore } from '@rolecall/server/test-kit'
import { Cluster } from '../cluster/cluster.ts'
import type { Programs } from '../cluster/packages.ts'
import { findPrimary } from '../cluster/patroni.ts'
import type { Credentials } from '../start/credentials.ts'
import { StartProblem } from '../start/problem.ts'
import { type Fault, faultNames, faultsOf } from './faults.ts'
import { runRaces } from './races.ts'
import { Recorder } from './recorder.ts'
import { type Row, renderRow } from './table.ts'
import { Workload } from './workload.ts'

interface Options {
  /** Names of faults; absent, all. */
  only: readonly string[] | undefined
  rounds: number
  stop: AbortSignal
}

const limitMs = 15 * 60_000
/** For the longest fault and the return to health. A fault does not begin with less time left. */
const reserveMs = 120_000
const recoveryTimeoutMs = 90_000
const diskMegabytes = 512
const races = 'races'

/** Starts a cluster, runs the faults one after the other, and stops it. @throws {StartProblem} */
export async function runChaos(programs: Programs, options: Options): Promise<Row[]> {
  requireNames(options.only)
  const ends = performance.now() + limitMs
  const cluster = new Cluster(programs, {
    pooled: programs.pgbouncer ? ['node2'] : [],
    diskMegabytes,
    movedClock: 'node1',
  })
  try {
    cluster.onProgress((step) => console.log(step))
    writeFileSync(cluster.clockFile, '+0s\n', { mode: 0o644 })
    const aborted = new Promise<undefined>((resolve) =>
      options.stop.addEventListener('abort', () => resolve(undefined), { once: true }),
    )
    const credentials = await Promise.race([cluster.start(), aborted])
    return credentials ? await runFaults(cluster, credentials, options, ends) : []
  } finally {
    await cluster.stop()
  }
}

/** @throws {StartProblem} for a name that no fault has */
function requireNames(only: Options['only']): void {
  const names = new Set<string>([...faultNames, races])
  const unknown = only?.find((name) => !names.has(name))
  if (unknown !== undefined)
    throw new StartProblem(
      `There is no fault ${JSON.stringify(unknown)}. The faults are ${[...names].join(', ')}.`,
    )
}

async function runFaults(
  cluster: Cluster,
  credentials: Credentials,
  { only, rounds, stop }: Options,
  ends: number,
): Promise<Row[]> {
  const recorder = new Recorder()
  const rows: Row[] = []
  const add = (row: Row) => {
    rows.push(row)
    console.log(renderRow(row))
  }
  const faults = faultsOf(cluster, (problem) => recorder.outcome.lostWrites.push(problem))
  const isChosen = (name: string) => only === undefined || only.includes(name)
  const chosen = faults.filter(({ name }) => isChosen(name))
  if (chosen.length > 0) {
    const workload = new Workload(cluster, credentials, recorder)
    await workload.prepare()
    for (const fault of chosen) {
      const { name, description, impossible } = fault
      const isLate = performance.now() > ends - reserveMs
      const problem =
        impossible ?? (isLate ? 'the 15 minutes are over' : stop.aborted ? 'stopped' : undefined)
      add(
        problem === undefined
          ? await runFault(fault, cluster, workload, recorder)
          : { name, description, problem },
      )
    }
  }
  if (isChosen(races)) add(await race(cluster, credentials, recorder, rounds, stop))
  return rows
}

async function runFault(
  fault: Fault,
  cluster: Cluster,
  workload: Workload,
  recorder: Recorder,
): Promise<Row> {
  const { name, description, limitSeconds } = fault
  console.log(`${name}: ${description}`)
  let problem: string | undefined
  const attempt = async (work: (() => Promise<void>) | undefined) => {
    try {
      await work?.()
    } catch (error) {
      problem ??= error instanceof Error ? error.message : String(error)
    }
  }
  recorder.begin()
  workload.start()
  await attempt(() => untilAllSucceed(recorder))
  recorder.begin()
  await attempt(() => fault.inject())
  await attempt(fault.heal && (() => fault.heal?.() ?? Promise.resolve()))
  await attempt(() => cluster.untilHealthy(recoveryTimeoutMs))
  await attempt(() => untilAllSucceed(recorder))
  const outcome = recorder.end()
  await workload.stop()
  await attempt(() => workload.verify())
  await attempt(() => requireRefusedStandbys(cluster))
  return {
    name,
    description,
    outcome,
    ...(limitSeconds !== undefined && { limitSeconds }),
    ...(problem !== undefined && { problem }),
  }
}

/** A server that is led to a standby must not answer from it: what was revoked may not have arrived there. */
async function requireRefusedStandbys({ members, secrets }: Cluster): Promise<void> {
  const primary = await findPrimary(members)
  for (const { name, port } of members.filter((member) => member !== primary)) {
    const databaseUrl = `postgres://rolecall:${secrets.rolecall}@127.0.0.1:${port}/rolecall`
    const refusal = await openStore({ databaseUrl }).then(
      (store) => store.close().then(() => 'opened'),
      (error: unknown) => String(error),
    )
    if (!refusal.includes('is a standby')) throw new Error(`the standby ${name} was used: ${refusal}`)
  }
}

/** Until a request of each kind has succeeded that was answered after now. */
async function untilAllSucceed(recorder: Recorder): Promise<void> {
  const since = performance.now()
  while (recorder.slowestSince < since) {
    if (performance.now() > since + recoveryTimeoutMs)
      throw new Error(`not every kind of request succeeded within ${recoveryTimeoutMs / 1000} s`)
    await pause(200)
  }
}

async function race(
  cluster: Cluster,
  credentials: Credentials,
  recorder: Recorder,
  rounds: number,
  stop: AbortSignal,
): Promise<Row> {
  recorder.begin()
  const { outcome } = recorder
  const done = await runRaces(cluster, credentials, outcome, {
    rounds,
    stop,
    report: (round) => console.log(`… ${round} of ${rounds} rounds`),
  })
  return {
    name: races,
    description: `${done} rounds of 50 parallel uses of one code, and of one refresh token, at both nodes`,
    outcome,
    ...(done < rounds && { problem: `stopped after ${done} rounds` }),
  }
}
