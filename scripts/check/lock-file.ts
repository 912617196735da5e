import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type LockEntry, type LockPackages, missingPlatforms } from '../lock/platforms.ts'
import type { Outcome } from '../tool.ts'

/** An install must work from any registry and on any system: no address is written down, and no system left out. */
export function checkLockFiles(): Outcome {
  const problems = globSync(
    '{package-lock.json,samples/*/package-lock.json,e2e/conformance/package-lock.json}',
  ).flatMap(problemsOf)
  if (/registry\s*=\s*\S*:/m.test(readFileSync('.npmrc', 'utf8').replace(/^omit-.*$/m, '')))
    problems.push('.npmrc names a registry: that is for everybody to choose')
  return { passed: problems.length === 0, output: problems.join('\n') }
}

function problemsOf(file: string): string[] {
  const { packages }: { packages: LockPackages } = JSON.parse(readFileSync(file, 'utf8'))
  const addresses = Object.entries(packages)
    .filter(([, { resolved }]) => resolved !== undefined && URL.canParse(resolved))
    .map(([path]) => `${file} says where ${path} was downloaded: install with the .npmrc of this repository`)
  const different = Object.entries(packages)
    .map(([path, entry]) => [join(dirname(file), path), entry] as const)
    .filter(([folder, entry]) => !folder.includes('node_modules') && !isInSync(folder, entry))
    .map(
      ([folder]) =>
        `${file} and ${join(folder, 'package.json')} differ: run \`npm install\` in ${dirname(file)}`,
    )
  const missing = Object.keys(missingPlatforms(packages))
  return [
    ...addresses,
    ...different,
    ...(missing.length > 0 ? [`${file} lacks ${missing.join(', ')}: complete it with \`npm run lock\``] : []),
  ]
}

/** `npm ci` refuses to install from a lock file that differs from its package.json. */
function isInSync(path: string, entry: LockEntry): boolean {
  const manifest: LockEntry = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
  return kinds.every((kind) => isDeepStrictEqual(manifest[kind] ?? {}, entry[kind] ?? {}))
}
