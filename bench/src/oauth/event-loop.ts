/**
 * Preloaded into a server. Answers each message with the delay of the event loop in milliseconds since the last one, at
 * the 99th percentile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const everyMs = 1
const intervals = monitorEventLoopDelay({ resolution: everyMs })
intervals.enable()
process.on('message', () => {
  // The histogram records the time between two ticks.
  process.send?.(intervals.percentile(99) / 1e6 - everyMs)
  intervals.reset()
})
// The channel alone must not keep the server running.
process.channel?.unref()
