/** The authorization server's budgets: what its requests cost, and how long they take under load. */
import { costs } from './oauth/costs.ts'
import { responsiveness } from './oauth/responsiveness.ts'
import type { BenchRow } from './results.ts'

export async function* bench(): AsyncGenerator<BenchRow> {
  yield* await costs()
  yield* await responsiveness()
}
