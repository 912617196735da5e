import { channel, tracingChannel } from 'node:diagnostics_channel'

/** What takes time, and is measured where an operator has switched that on. */
export type OperationName =
  | 'store.read'
  | 'store.write'
  | 'store.transaction'
  | 'password.hash'
  | 'token.sign'
  | 'mail.send'
  | 'log_stream.send'

export interface Operation {
  readonly name: OperationName
  error?: unknown
}

/**
 * Operations of this process. Metrics and traces subscribe. A channel of Node.js, and not a part of the context, because
 * the store, the hashing queue and oidc-provider's models measure without knowing a server.
 */
export const operations = tracingChannel<unknown, Operation>('rolecall:operation')

/** Runs `work` as an operation. Without a subscriber it costs a function call. */
export function observed<T>(name: OperationName, work: () => Promise<T>): Promise<T> {
  return operations.hasSubscribers ? operations.tracePromise(work, { name }) : work()
}

/** What is counted. The values are the server's own words, never a caller's. */
export type CountedEvent =
  | { kind: 'token_issued'; grant: string }
  | { kind: 'token_refused'; grant: string; error: string }
  | { kind: 'log_in'; outcome: 'success' | 'wrong' | 'blocked' | 'not_moved' | 'too_many_attempts' | 'busy' }

export const countedEvents = channel('rolecall:event')

export function count(event: CountedEvent): void {
  if (countedEvents.hasSubscribers) countedEvents.publish(event)
}
