/** A page as a test reads it. */
export interface Page {
  status: number
  url: string
  headers: Headers
  text: string
}

interface Cookie {
  name: string
  value: string
  path: string
}

/** As much of a browser as the pages without JavaScript need: cookies with paths, redirects, forms. */
export class Browser {
  readonly #cookies: Cookie[] = []
  readonly #origin: string
  readonly #headers: Record<string, string>

  /**
   * @param origin the server whose redirects are followed; those to elsewhere are handed back
   * @param headers that every request carries
   */
  constructor(origin: string, headers: Record<string, string> = {}) {
    this.#origin = new URL(origin).origin
    this.#headers = headers
  }

  get cookies(): readonly Cookie[] {
    return this.#cookies
  }

  /** Takes over another browser's cookies, as a thief would. */
  steal(cookies: readonly Cookie[]): void {
    this.#cookies.push(...cookies)
  }

  /** Follows redirects within the server; stops at the first that leaves it. */
  async open(address: string, init: RequestInit = {}): Promise<Page> {
    const url = new URL(address, this.#origin)
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        cookie: this.#cookieHeader(url.pathname),
        accept: 'text/html',
        ...this.#headers,
        ...asRecord(init.headers),
      },
    })
    this.#keep(response, url)
    const location = response.headers.get('location')
    const target = location ? new URL(location, url) : undefined
    if (target && target.origin === this.#origin) {
      await response.body?.cancel()
      return this.open(target.href)
    }
    return { status: response.status, url: url.href, headers: response.headers, text: await response.text() }
  }

  /** Fills in a page's form and sends it; hidden fields and the buttons' values travel along. */
  async submit(page: Page, fields: Record<string, string> = {}, formIndex = 0): Promise<Page> {
    const form = formsOf(page)[formIndex]
    if (!form)
      throw new Error(`no form ${formIndex} on ${page.url} (${page.status}):\n${page.text.slice(0, 2000)}`)
    return this.open(new URL(form.action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ ...form.fields, ...fields }),
      headers: { origin: this.#origin, 'sec-fetch-site': 'same-origin' },
    })
  }

  #cookieHeader(path: string): string {
    return this.#cookies
      .filter((cookie) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  #keep(response: Response, url: URL): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const [name = '', ...value] = pair.split('=')
      const attribute = (wanted: string) =>
        attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
      const path = attribute('path') ?? url.pathname
      const expires = attribute('expires')
      const known = this.#cookies.findIndex((cookie) => cookie.name === name && cookie.path === path)
      if (known >= 0) this.#cookies.splice(known, 1)
      const gone = attribute('max-age') === '0' || (expires && new Date(expires).getTime() <= Date.now())
      if (!gone) this.#cookies.push({ name, value: value.join('='), path })
    }
  }
}

function asRecord(headers: RequestInit['headers']): Record<string, string> {
  return Object.fromEntries(new Headers(headers))
}

/** The forms of a page with the values they would send untouched. */
export function formsOf(page: Page): { action: string; fields: Record<string, string> }[] {
  return [...page.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(
    ([, attributes = '', inner = '']) => ({
      action: decode(/\baction="([^"]*)"/.exec(attributes)?.[1] ?? ''),
      fields: Object.fromEntries(
        [...inner.matchAll(/<(?:input|button)\b([^>]*)>/g)].flatMap(([, input = '']) => {
          const name = /\bname="([^"]*)"/.exec(input)?.[1]
          const value = /\bvalue="([^"]*)"/.exec(input)?.[1]
          return name && value !== undefined ? [[decode(name), decode(value)]] : []
        }),
      ),
    }),
  )
}

/** The value of an attribute, with the characters that markup escapes. */
export function decode(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
