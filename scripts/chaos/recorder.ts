/** What the table counts. A new one begins with each fault. */
export interface Outcome {
  requests: number
  /** How often each error was seen, such as `write 503`. */
  errors: Map<string, number>
  /** The longest time without the success of a request, in milliseconds, by kind. */
  gaps: Map<Kind, number>
  lostWrites: string[]
  usedTwice: string[]
  revokedAlive: string[]
}

/** Kinds of requests. Each is sent at a steady rate, so that the time between two successes is that of an outage. */
export const kinds = ['read', 'write', 'token', 'login', 'code', 'refresh', 'revoke'] as const
export type Kind = (typeof kinds)[number]

const requestTimeoutMs = 30_000

export class Recorder {
  outcome: Outcome = emptyOutcome()
  readonly #lastSuccess = new Map<Kind, number>()
  #isOver = false

  begin(): void {
    this.outcome = emptyOutcome()
    this.#isOver = false
    const now = performance.now()
    for (const kind of kinds) this.#lastSuccess.set(kind, now)
  }

  /** When a request of each kind has succeeded last, at the earliest. */
  get slowestSince(): number {
    return Math.min(...kinds.map((kind) => this.#lastSuccess.get(kind) ?? 0))
  }

  /** Counts the spans that have not ended. Later requests do not change them. */
  end(): Outcome {
    const now = performance.now()
    for (const kind of kinds) this.#noteGap(kind, now)
    this.#isOver = true
    return this.outcome
  }

  /**
   * Sends a request and counts it. @returns its answer; undefined when there was none, or one with a status of an error
   * @param accepted the statuses that are no errors: a success, or the refusal that is expected
   */
  async send<Answer extends { status: number }>(
    kind: Kind,
    accepted: readonly number[],
    send: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const { outcome } = this
    outcome.requests++
    const problem = await withTimeout(send()).then(
      (answer) => (accepted.includes(answer.status) ? answer : `${answer.status}`),
      (error: unknown) => describe(error),
    )
    if (typeof problem !== 'string') {
      this.#noteGap(kind, performance.now())
      return problem
    }
    const name = `${kind} ${problem}`
    outcome.errors.set(name, (outcome.errors.get(name) ?? 0) + 1)
    return undefined
  }

  #noteGap(kind: Kind, now: number): void {
    if (this.#isOver) return
    const { gaps } = this.outcome
    gaps.set(kind, Math.max(gaps.get(kind) ?? 0, now - (this.#lastSuccess.get(kind) ?? now)))
    this.#lastSuccess.set(kind, now)
  }
}

function emptyOutcome(): Outcome {
  return { requests: 0, errors: new Map(), gaps: new Map(), lostWrites: [], usedTwice: [], revokedAlive: [] }
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer')), requestTimeoutMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** `fetch` throws a TypeError when the connection breaks. An error of a page names its status. */
function describe(error: unknown): string {
  if (error instanceof SyntaxError) return 'answer of the proxy'
  if (error instanceof TypeError) return 'connection'
  const text = error instanceof Error ? error.message : String(error)
  return /answered (\d{3})|\((\d{3})\)/.exec(text)?.slice(1).find(Boolean) ?? text.split('\n')[0] ?? 'error'
}
