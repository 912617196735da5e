#!/usr/bin/env node
// The command of the package `rolecall`. It imports nothing, so that an older Node.js can run it and print which one is needed.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const [command = ''] = process.argv.slice(2)
/** Without a command the server starts. These use its store; the others use the Management API of a tenant. */
const ofServer = [
  '',
  'owner-link',
  'rotate-keys',
  'rotate-sealing-key',
  'backup',
  'restore',
  'copy',
  'new-epoch',
  'export-users',
  '--version',
  '-v',
  '--help',
  '-h',
]

if (major > 24 || (major === 24 && minor >= 15))
  await (ofServer.includes(command) ? import('../src/main.js') : import('../../cli/src/main.js'))
else {
  console.error(`Rolecall needs Node.js 24.15 or newer. This is ${process.versions.node}.`)
  process.exitCode = 1
}
