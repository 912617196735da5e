// Compiles the package into dist, or into the folder that its argument names. The folder is complete for `npm publish`:
// JavaScript, types, manifest, README, licence.
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('..', import.meta.url))
const dist = resolve(process.argv[2] ?? `${folder}dist`)
const compiler = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc')

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [compiler, '-p', `${folder}tsconfig.build.json`, '--outDir', dist], {
  stdio: 'inherit',
})

const { name, version, description, license, type, exports, dependencies } = JSON.parse(
  readFileSync(`${folder}package.json`, 'utf8'),
)
const compiled = Object.entries<string>(exports).map(([subpath, source]) => {
  const file = source.replace('./src/', './').replace(/\.ts$/, '')
  return [subpath, { types: `${file}.d.ts`, default: `${file}.js` }]
})
/** Peers of the adapters, all optional. The adapter for Express imports nothing of Express. */
const frameworks = { '@nestjs/common': '>=10', fastify: '>=5', hono: '>=4' }
const manifest = {
  name,
  version,
  description,
  license,
  type,
  sideEffects: false,
  engines: { node: '>=20' },
  exports: { ...Object.fromEntries(compiled), './package.json': './package.json' },
  dependencies,
  peerDependencies: frameworks,
  peerDependenciesMeta: Object.fromEntries(Object.keys(frameworks).map((peer) => [peer, { optional: true }])),
}
writeFileSync(`${dist}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`)
copyFileSync(`${folder}README.md`, `${dist}/README.md`)
copyFileSync(fileURLToPath(new URL('../../../LICENSE', import.meta.url)), `${dist}/LICENSE`)

// The compiler rewrites the extension of an import in JavaScript, but not in declarations.
for (const file of globSync(`${dist}/**/*.d.ts`))
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'"))
