import { kinds, type Outcome } from './recorder.ts'

/** A fault as the table shows it. `outcome` is absent for one that was not run. */
export interface Row {
  name: string
  description: string
  outcome?: Outcome
  /** Why it was not run, or why it did not end as it should. */
  problem?: string
  /** The longest span that is promised, in seconds. */
  limitSeconds?: number
}

/** Whether something was lost, used twice or alive, took too long, or did not end. */
export function isBad({ outcome, problem, limitSeconds }: Row): boolean {
  if (!outcome) return false
  const { lostWrites, usedTwice, revokedAlive } = outcome
  const isLate = limitSeconds !== undefined && longestMs(outcome) > limitSeconds * 1_000
  return lostWrites.length + usedTwice.length + revokedAlive.length > 0 || isLate || problem !== undefined
}

/** In Markdown, so that it can be put into a document. */
export function renderTable(rows: readonly Row[]): string {
  return [
    '| fault | requests | errors | longest span without a success, s | writes lost | used twice | revoked, alive |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(renderRow),
  ].join('\n')
}

export function renderRow({ name, description, outcome, problem, limitSeconds }: Row): string {
  const what = `${name}: ${description}`
  if (!outcome) return `| ${what} | not run: ${problem} | | | | | |`
  const { requests, errors, gaps, lostWrites, usedTwice, revokedAlive } = outcome
  const sorted = [...errors].toSorted(([one], [other]) => one.localeCompare(other))
  const spans = kinds.flatMap((kind) => {
    const gap = gaps.get(kind)
    return gap === undefined ? [] : [`${kind} ${(gap / 1000).toFixed(1)}`]
  })
  const limit = limitSeconds === undefined ? '' : ` (limit ${limitSeconds})`
  const cells = [
    problem === undefined ? what : `${what}; ${problem}`,
    String(requests),
    sorted.map(([error, times]) => `${error} ×${times}`).join(', ') || 'none',
    spans.length === 0 ? '–' : `**${(longestMs(outcome) / 1000).toFixed(1)}**${limit}: ${spans.join(', ')}`,
    ...[lostWrites, usedTwice, revokedAlive].map(describeFindings),
  ]
  return `| ${cells.join(' | ')} |`
}

const longestMs = ({ gaps }: Outcome) => Math.max(0, ...gaps.values())

function describeFindings(findings: string[]): string {
  return findings.length === 0 ? '0' : `${findings.length} (${findings.slice(0, 3).join('; ')})`
}
