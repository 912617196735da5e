import { type Browser } from '@rolecall/server/test-kit'

/** Every secret value that a run has used, with its kind. */
export class Secrets {
  readonly #kinds = new Map<string, string>()

  get kinds(): Set<string> {
    return new Set(this.#kinds.values())
  }

  /** Records the value and returns it. @throws for a value so short that it could match by chance */
  note(kind: string, value: string | null | undefined): string {
    if (!value || value.length < 12) throw new Error(`no ${kind} to look for: ${value}`)
    this.#kinds.set(value, kind)
    return value
  }

  noteCookies(browser: Browser): void {
    for (const { name, value } of browser.cookies) this.note(`cookie ${name}`, value)
  }

  /** The secrets that the text contains, plain or in one of the encodings used on the wire. */
  foundIn(text: string): string[] {
    const found = [...this.#kinds].filter(([value]) =>
      encodingsOf(value).some((encoded) => text.includes(encoded)),
    )
    return found.map(([value, kind]) => `${kind}: ${value}`)
  }
}

function encodingsOf(value: string): string[] {
  return [
    value,
    encodeURIComponent(value),
    new URLSearchParams({ value }).toString().slice('value='.length),
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1),
    ...base64Encodings(value),
  ]
}

/** In `client:secret` of Basic the text before the secret shifts its base64 by 0 to 2 bytes, and its last digits vary. */
function base64Encodings(value: string): string[] {
  return [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + value)
      .toString('base64')
      .slice(Math.ceil((shift * 8) / 6), -4),
  )
}
