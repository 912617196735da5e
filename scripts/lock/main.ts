// `npm run lock`, after a dependency was added or updated: completes every package-lock.json for every system.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { type LockPackages, missingPlatforms } from './platforms.ts'

for (const file of globSync(
  '{package-lock.json,samples/*/package-lock.json,e2e/conformance/package-lock.json}',
)) {
  const lock: { packages: LockPackages } = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingPlatforms(lock.packages)
  const sorted = Object.entries({ ...lock.packages, ...missing }).toSorted(([a], [b]) =>
    a.localeCompare(b, 'en'),
  )
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
  console.log(`${Object.keys(missing).length} packages for other systems added to ${file}.`)
}
