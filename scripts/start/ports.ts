import { createServer } from 'node:net'
import type { Part, Ports } from './options.ts'
import { StartProblem } from './problem.ts'

/** Browsers try both for `localhost`, and a program may hold only one of them. */
const loopback = ['127.0.0.1', '::1']

/** @throws {StartProblem} naming every port that cannot be used, and the flag that changes it */
export async function requireFreePorts(ports: Ports): Promise<void> {
  const parts: Part[] = ['server', 'client', 'api']
  const found = await Promise.all(parts.map((part) => describeUse(part, ports[part])))
  const problems = found.filter((problem) => problem !== undefined)
  if (problems.length > 0) throw new StartProblem(`${problems.join('; ')}.`)
}

async function describeUse(part: Part, port: number): Promise<string | undefined> {
  const codes = await Promise.all(loopback.map((host) => tryListen(host, port)))
  const code = codes.find(Boolean)
  if (code === undefined) return undefined
  const otherwise = `choose another with --${part}-port`
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use by another program: stop that one, or ${otherwise}`
  return `Port ${port} cannot be used by this user (${code}): ${otherwise}`
}

/** The error code; undefined when the port is free, or when the machine has no such address. */
function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' ? undefined : code),
    )
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}
