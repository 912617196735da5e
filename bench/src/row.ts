/** One line of what `npm run bench` prints. */
export interface BenchRow {
  what: string
  value: number
  /** A ratio compares two things measured side by side in this run. */
  unit: 'ratio' | 'ms' | 'MB' | 'per second'
  /** For people: `≥ 0.90`. */
  goal: string
  met: boolean
}
