// Preloaded into child processes (`--import`): a parent that dies, by kill -9 too, closes the channel between the two,
// and the child then ends in its ordinary way, as if asked by SIGTERM. One that does not manage in time is ended.
const patienceMilliseconds = 1500

if (process.channel) {
  // `?only`: the parent does not listen, and the program must not take it for one that does.
  if (new URL(import.meta.url).search === '?only') delete process.send
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), patienceMilliseconds).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  // Listening must not keep a program alive that has nothing else to do.
  process.channel.unref()
}
