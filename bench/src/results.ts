/** One line of the output of `npm run bench`. */
export interface BenchRow {
  what: string
  value: number
  /** A ratio compares two values measured in the same run. */
  unit: 'ratio' | 'ms' | 'MB' | 'per second' | 'marks'
  /** For people: `≥ 0.90`. */
  goal: string
  met: boolean
}

/** The median; of an even number of values, the upper of the two. NaN without values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Prints what is measured at the moment, beside the lines of the output. */
export function note(text: string): void {
  process.stderr.write(`  … ${text}\n`)
}
