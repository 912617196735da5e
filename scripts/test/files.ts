import { globSync, readFileSync } from 'node:fs'

/** Test files that run in one process. */
export interface TestGroup {
  /** The file, or the folder of several. */
  name: string
  files: string[]
}

/** In the order in which to start them: a long one that starts last leaves the other cores idle. */
export interface Tests {
  slow: TestGroup[]
  quick: TestGroup[]
}

/** The test files whose path contains one of these parts; without parts, all. */
export function findTests(parts: string[]): Tests {
  const files = globSync('{apps,packages,samples,e2e,bench,scripts}/**/*.test.{ts,tsx}', {
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .toSorted()
  const quick = Object.groupBy(
    files.filter((file) => !isSlow(file)),
    (file) => sharedFolder(file) ?? file,
  )
  return {
    quick: Object.entries(quick)
      .flatMap(([folder, members = []]) => groupsOf(folder, members))
      .toSorted((one, other) => other.files.length - one.files.length),
    // The longest ones run a whole system and a browser.
    slow: files
      .filter(isSlow)
      .toSorted((one, other) => Number(isEndToEnd(other)) - Number(isEndToEnd(one)))
      .map((file) => ({ name: file, files: [file] })),
  }
}

/**
 * A package takes longer to load than most of its test files to run, so that several files share a process. Such files
 * have no hooks outside their suites, and leave nothing behind.
 */
function sharedFolder(file: string): string | undefined {
  return /^(?:apps\/(?:server|dashboard)|packages\/guard)\/src(?=\/)/.exec(file)?.[0]
}

/** More files in a process save little, and keep one core busy at the end. */
const maxFiles = 9

function groupsOf(folder: string, files: string[]): TestGroup[] {
  const [only] = files
  if (only !== undefined && files.length === 1) return [{ name: only, files }]
  const count = Math.ceil(files.length / maxFiles)
  // Each group takes files of all slices, because the dearest ones are of the same slice.
  return Array.from({ length: count }, (_, index) => ({
    name: count > 1 ? `${folder} (${index + 1} of ${count})` : folder,
    files: files.filter((_file, place) => place % count === index),
  }))
}

/** Whole systems, browsers, hundreds of rounds. */
function isSlow(file: string): boolean {
  if (isEndToEnd(file) || /\.slow\.test\.tsx?$/.test(file)) return true
  return /from '[^']*(testing-browser|playwright)/.test(readFileSync(file, 'utf8'))
}

function isEndToEnd(file: string): boolean {
  return file.startsWith('e2e')
}
