/** How often one process asks the other server of a connection. A flood of log-ins must not become a flood there. */
const maxConcurrent = 10
const perSecond = 10
const burst = 20
const maxPauseSeconds = 60

interface State {
  running: number
  /** Requests that may be sent now. */
  left: number
  refilledAt: number
  pausedUntil: number
}

const states = new WeakMap<object, Map<string, State>>()

/**
 * Takes a place. `leave` gives it back.
 * @param owner the store of the server, because several servers may run in one process
 */
export function enter(
  owner: object,
  connectionId: string,
  now: number,
): { leave: (pauseSeconds?: number) => void } | { retryAfterSeconds: number } {
  const known = states.get(owner) ?? new Map<string, State>()
  states.set(owner, known)
  const state = known.get(connectionId) ?? { running: 0, left: burst, refilledAt: now, pausedUntil: 0 }
  known.set(connectionId, state)
  const passed = Math.max(0, now - state.refilledAt)
  state.left = Math.min(burst, state.left + (passed * perSecond) / 1_000)
  state.refilledAt = now
  if (state.pausedUntil > now) return { retryAfterSeconds: Math.ceil((state.pausedUntil - now) / 1_000) }
  if (state.running >= maxConcurrent || state.left < 1) return { retryAfterSeconds: 2 }
  state.running++
  state.left--
  return {
    leave(pauseSeconds = 0) {
      state.running--
      if (pauseSeconds > 0)
        state.pausedUntil = Math.max(state.pausedUntil, now + Math.min(pauseSeconds, maxPauseSeconds) * 1_000)
    },
  }
}
