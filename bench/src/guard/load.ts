import { connect } from 'node:net'

const connections = 16
/** Requests on their way per connection: the less the sockets cost, the more of what remains is the guard's. */
const pipelined = 8

/** Requests of one kind without end, each token in turn. */
export type Requests = () => Buffer

export function requestsTo(address: string, path: string, tokens: readonly string[]): Requests {
  const { hostname } = new URL(address)
  const requests = tokens.map((token) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`),
  )
  let next = 0
  return () => requests[next++ % requests.length] ?? Buffer.alloc(0)
}

/**
 * Sends so many requests over plain sockets, and resolves when all are answered with 200.
 *
 * @throws when any other answer comes
 */
export async function load(address: string, requests: Requests, count: number): Promise<void> {
  const { hostname, port } = new URL(address)
  let left = count
  const take = (wanted: number): Buffer[] => {
    const taken = Math.min(wanted, left)
    left -= taken
    return Array.from({ length: taken }, requests)
  }
  await Promise.all(Array.from({ length: connections }, () => drive(hostname, Number(port), take)))
}

/** One connection: as many new requests as answers came in, until there are none left and the last answer is here. */
function drive(host: string, port: number, take: (wanted: number) => Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = 0
    let rest = ''
    const socket = connect(port, host, () => {
      socket.setNoDelay(true)
      send(pipelined)
    })
    const send = (wanted: number): void => {
      const requests = take(wanted)
      open += requests.length
      if (open === 0) socket.end()
      else if (requests.length > 0) socket.write(Buffer.concat(requests))
    }
    socket.on('data', (chunk) => {
      const text = rest + chunk.toString('latin1')
      const starts = text.split('HTTP/1.1 ').slice(1)
      const wrong = starts.find((start) => start.length >= 3 && !start.startsWith('200'))
      if (wrong !== undefined) socket.destroy(new Error(`${host}:${port} answered ${wrong.slice(0, 300)}`))
      // A status line may be cut in two: what could be its beginning waits for the next chunk.
      const complete = starts.filter((start) => start.length >= 3).length
      rest = complete < starts.length ? `HTTP/1.1 ${starts.at(-1)}` : tailOf(text)
      open -= complete
      send(complete)
    })
    socket.on('error', reject)
    socket.on('close', () => {
      if (open === 0) resolve()
      else reject(new Error(`${host}:${port} closed with ${open} requests unanswered`))
    })
  })
}

/** The beginning of a status line at the end of a text, if there is one. */
function tailOf(text: string): string {
  const marker = 'HTTP/1.1 '
  for (let length = marker.length - 1; length > 0; length -= 1)
    if (text.endsWith(marker.slice(0, length))) return marker.slice(0, length)
  return ''
}
