/**
 * Preloaded into a server. Answers each message with the processor time of all threads so far, in microseconds, and the
 * resident memory, in bytes.
 */
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ microseconds: user + system, residentBytes: process.memoryUsage.rss() })
})
// The channel alone must not keep the server running.
process.channel?.unref()
