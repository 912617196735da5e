import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('..', import.meta.url))
const dist = join(folder, 'dist')

describe('the published package', () => {
  before(() => run('npm', ['run', 'build'], { cwd: folder, timeout: 240_000 }))

  test('depends on jose and on nothing else', async () => {
    const manifest = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8'))
    assert.deepEqual(Object.keys(manifest.dependencies), ['jose'])
    assert.ok(
      Object.keys(manifest.peerDependencies).every((peer) => manifest.peerDependenciesMeta[peer].optional),
    )
  })

  test('contains compiled code and types, no tests and no sources', async () => {
    const files = await readdir(dist, { recursive: true })
    assert.ok(files.includes('index.js') && files.includes('index.d.ts') && files.includes('LICENSE'))
    assert.deepEqual(
      files.filter((file) => /test\.|conformance|(?<!\.d)\.ts$/.test(file)),
      [],
    )
  })

  test('its core is at most 15 kB compressed, without jose', async () => {
    const bundle = await rolldown({ input: join(dist, 'index.js'), external: ['jose'] })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    const [{ code, imports }, ...others] = output
    assert.deepEqual([imports, others], [['jose'], []])
    const bytes = gzipSync(code).byteLength
    assert.ok(bytes > 2_000 && bytes <= 15_000, `${bytes} bytes`)
  })
})
