import { createHmac } from 'node:crypto'

/** The code of an authenticator app (RFC 6238), computed apart from the library that the server checks it with. */
export function totpCode(base32: string, now: number): string {
  const bits = base32
    .split('')
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** The key that a page shows for typing. */
export function shownSecret({ text }: { text: string }): string {
  const [, secret] = /<code class="secret">([^<]*)<\/code>/.exec(text) ?? []
  if (secret === undefined) throw new Error(`no key on the page:\n${text.slice(0, 1500)}`)
  return secret.replaceAll(' ', '')
}

/** The recovery codes that a page shows. */
export function shownCodes({ text }: { text: string }): string[] {
  return [...text.matchAll(/<li><code>([^<]*)<\/code><\/li>/g)].map(([, code = '']) => code)
}
