import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { findPrograms } from '../cluster/packages.ts'
import { processTable } from '../cluster/processes.ts'
import { root } from '../install.js'
import { runChaos } from './run.ts'

const { programs, missing } = findPrograms({ pgbouncer: true })
const options = {
  timeout: 300_000,
  skip: programs ? false : `these Debian packages are missing: ${missing.join(', ')}`,
}

test(
  'two nodes lose nothing when the primary of PostgreSQL is killed, and go on with another one',
  options,
  async () => {
    assert.ok(programs)
    const rows = await runChaos(programs, {
      only: ['kill-member', 'races'],
      rounds: 2,
      stop: new AbortController().signal,
    })
    assert.deepEqual(
      rows.map(({ name, problem }) => [name, problem]),
      [
        ['kill-member', undefined],
        ['races', undefined],
      ],
    )
    for (const { outcome } of rows) {
      assert.ok(outcome && outcome.requests > 100)
      assert.deepEqual([outcome.lostWrites, outcome.usedTwice, outcome.revokedAlive], [[], [], []])
    }
  },
)

for (const signal of ['SIGINT', 'SIGKILL'] as const)
  test(`of a cluster that ${signal} ends while it starts nothing is left`, options, async () => {
    const place = mkdtempSync(join(tmpdir(), 'rolecall-left-'))
    // PostgreSQL runs as another user.
    chmodSync(place, 0o755)
    const cluster = spawn(process.execPath, [join(root, 'scripts/cluster.ts'), '--port', '45050'], {
      env: { ...process.env, TMPDIR: place },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(cluster, 'close')
    await once(createInterface({ input: cluster.stdout }), 'line')
    const started = () => processTable().filter(({ command }) => command.includes(place))
    while (!started().some(({ command }) => command.includes('/data'))) await pause(100)
    cluster.kill(signal)
    await closed
    while (started().length > 0 || readdirSync(place).length > 0) await pause(100)
    rmSync(place, { recursive: true })
    assert.ok(!existsSync(place))
  })
