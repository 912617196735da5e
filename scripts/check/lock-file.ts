import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type LockEntry, type LockPackages, missingPlatforms } from '../lock/platforms.ts'
import type { Outcome } from '../tool.ts'

/** An install must work from any registry and on any system: no address is written down, and no system left out. */
export function checkLockFile(): Outcome {
  const { packages }: { packages: LockPackages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const problems = Object.entries(packages)
    .filter(([, { resolved }]) => resolved !== undefined && URL.canParse(resolved))
    .map(
      ([path]) =>
        `package-lock.json says where ${path} was downloaded: install with the .npmrc of this repository`,
    )
  for (const [path, entry] of Object.entries(packages))
    if (!path.includes('node_modules') && !isInSync(path, entry))
      problems.push(`package-lock.json and ${join(path, 'package.json')} differ: run \`npm install\``)
  const missing = Object.keys(missingPlatforms(packages))
  if (missing.length > 0)
    problems.push(`package-lock.json lacks ${missing.join(', ')}: complete it with \`npm run lock\``)
  if (/registry\s*=\s*\S*:/m.test(readFileSync('.npmrc', 'utf8').replace(/^omit-.*$/m, '')))
    problems.push('.npmrc names a registry: that is for everybody to choose')
  return { passed: problems.length === 0, output: problems.join('\n') }
}

/** `npm ci` refuses to install otherwise, so nobody could start. */
function isInSync(path: string, entry: LockEntry): boolean {
  const manifest: LockEntry = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
  return kinds.every((kind) => isDeepStrictEqual(manifest[kind] ?? {}, entry[kind] ?? {}))
}
