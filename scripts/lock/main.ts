// `npm run lock`, after a dependency was added or updated: completes package-lock.json for every system.
import { readFileSync, writeFileSync } from 'node:fs'
import { type LockPackages, missingPlatforms } from './platforms.ts'

const lock: { packages: LockPackages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const missing = missingPlatforms(lock.packages)
const sorted = Object.entries({ ...lock.packages, ...missing }).toSorted(([a], [b]) =>
  a.localeCompare(b, 'en'),
)
writeFileSync(
  'package-lock.json',
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
)
console.log(`${Object.keys(missing).length} packages for other systems added to package-lock.json.`)
