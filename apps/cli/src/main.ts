#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { runCommandLine } from './command-line.ts'
import type { Terminal } from './terminal.ts'

/** The program of each system that opens an address in the browser. */
const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

const terminal: Terminal = {
  env: process.env,
  folder: process.cwd(),
  print: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  wait: (ms) => setTimeout(ms),
  open(url) {
    const [program, ...args] = openers[process.platform] ?? ['xdg-open']
    return new Promise((resolve) => {
      const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
      child.once('spawn', () => {
        child.unref()
        resolve(true)
      })
      child.once('error', () => resolve(false))
    })
  },
}

// A reader that closes the pipe, such as `head`, ends the output and is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

process.exitCode = await runCommandLine(terminal, process.argv.slice(2))
