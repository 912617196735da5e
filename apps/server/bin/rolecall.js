#!/usr/bin/env node
// The command of the package `rolecall`. It imports nothing, so that an older Node.js can run it and print which one is needed.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 24 || (major === 24 && minor >= 15)) await import('../src/main.js')
else {
  console.error(`Rolecall needs Node.js 24.15 or newer. This is ${process.versions.node}.`)
  process.exitCode = 1
}
