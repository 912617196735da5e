import { createServer } from 'node:net'
import type { Options, Part, Ports } from './options.ts'
import { StartProblem } from './problem.ts'

/** Browsers try both for `localhost`, and a program may hold only one of them. */
const loopback = ['127.0.0.1', '::1']

/**
 * @returns the ports to use
 * @throws {StartProblem} naming every port that cannot be used, and the flag that changes it
 */
export async function requireFreePorts(
  wanted: Ports,
  { fallbackServerPort }: Pick<Options, 'fallbackServerPort'>,
): Promise<Ports> {
  const isForbidden = (await tryLoopback(wanted.server)) === 'EACCES'
  const ports = isForbidden ? { ...wanted, server: fallbackServerPort } : wanted
  if (ports.server !== wanted.server)
    console.log(
      `This user may not listen on port ${wanted.server}, so the server listens on ${ports.server}. On Linux, ` +
        `\`sudo sysctl net.ipv4.ip_unprivileged_port_start=${wanted.server}\` allows it.`,
    )
  const parts: Part[] = ['server', 'client', 'api']
  const found = await Promise.all(parts.map((part) => describeUse(part, ports[part])))
  const problems = found.filter((problem) => problem !== undefined)
  if (problems.length > 0) throw new StartProblem(`${problems.join('; ')}.`)
  return ports
}

async function describeUse(part: Part, port: number): Promise<string | undefined> {
  const code = await tryLoopback(port)
  if (code === undefined) return undefined
  const otherwise = `choose another with --${part}-port`
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use by another program: stop that one, or ${otherwise}`
  return `Port ${port} cannot be used by this user (${code}): ${otherwise}`
}

async function tryLoopback(port: number): Promise<string | undefined> {
  const codes = await Promise.all(loopback.map((host) => tryListen(host, port)))
  return codes.find(Boolean)
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
