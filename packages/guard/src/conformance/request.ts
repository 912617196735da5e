import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: unknown
  milliseconds: number
}

/** Sends a request with its headers exactly as given. Other clients would normalize them. */
export function get(
  port: number,
  path: string,
  headers: readonly string[] = [],
  method = 'GET',
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const options = { agent: false, host: '127.0.0.1', port, path, method, timeout: 5_000 }
    const sent = httpRequest(
      { ...options, headers: ['Host', `127.0.0.1:${port}`, 'Connection', 'close', ...headers] },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('error', reject)
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          const milliseconds = performance.now() - start
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: parsed(text),
            milliseconds,
          })
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${path}`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The same, repeated up to twice when slow: slow code is slow each time, a busy machine is not. */
export async function getQuickly(...request: Parameters<typeof get>): Promise<Answer> {
  let answer = await get(...request)
  for (let again = 0; again < 2 && answer.milliseconds >= 100; again += 1) answer = await get(...request)
  return answer
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
