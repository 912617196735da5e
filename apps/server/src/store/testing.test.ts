import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { Client } from 'pg'

const STARTER = `
  const { startTestPostgres } = await import(${JSON.stringify(new URL('./testing.ts', import.meta.url).href)})
  console.log((await startTestPostgres()).url)
  setInterval(() => {}, 1000)
`

test('the PostgreSQL of a test process that is killed ends with it and leaves no folder', {
  timeout: 30_000,
}, async (t) => {
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', STARTER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => starter.kill('SIGKILL'))
  const [url] = await once(starter.stdout, 'data')
  const folder = new URL(String(url).trim()).searchParams.get('host') ?? ''
  const client = new Client(String(url).trim())
  await client.connect()
  const dropped = once(client, 'error')
  const removed = new Promise<void>((resolve) => {
    const watcher = watch(dirname(folder), () => {
      if (existsSync(folder)) return
      watcher.close()
      resolve()
    })
  })

  starter.kill('SIGKILL')
  await dropped
  await removed
  assert.equal(existsSync(folder), false)
})
