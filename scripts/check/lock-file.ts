import { readFileSync } from 'node:fs'
import { type LockPackages, missingPlatforms } from '../lock/platforms.ts'
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
  const missing = Object.keys(missingPlatforms(packages))
  if (missing.length > 0)
    problems.push(`package-lock.json lacks ${missing.join(', ')}: complete it with \`npm run lock\``)
  if (/registry\s*=\s*\S*:/m.test(readFileSync('.npmrc', 'utf8').replace(/^omit-.*$/m, '')))
    problems.push('.npmrc names a registry: that is for everybody to choose')
  return { passed: problems.length === 0, output: problems.join('\n') }
}
