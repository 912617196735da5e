/**
 * Preloaded into a server: tells, when asked for it, by how many milliseconds the event loop was late since it was last
 * asked, at the 99th percentile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const everyMs = 1
const intervals = monitorEventLoopDelay({ resolution: everyMs })
intervals.enable()
process.on('message', () => {
  // What is recorded is the time from one tick to the next.
  process.send?.(intervals.percentile(99) / 1e6 - everyMs)
  intervals.reset()
})
// The server ends once nothing is left to do, and nobody's question is nothing to wait for.
process.channel?.unref()
