/**
 * Writes DER (ITU-T X.690 §10), just enough of it for a certificate. Reading is left to node:crypto: nothing that
 * comes from outside passes through here.
 */
type Bytes = Uint8Array

/** Tag, length in the definite form, contents. */
function element(tag: number, ...contents: Bytes[]): Buffer {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  let length = body.length.toString(16)
  if (length.length % 2) length = `0${length}`
  return Buffer.concat([Buffer.from([tag, 0x80 | (length.length / 2)]), Buffer.from(length, 'hex'), body])
}

export const sequence = (...items: Bytes[]): Buffer => element(0x30, ...items)
export const set = (...items: Bytes[]): Buffer => element(0x31, ...items)
export const octetString = (...contents: Bytes[]): Buffer => element(0x04, ...contents)
export const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text))
export const bool = (value: boolean): Buffer => element(0x01, Buffer.from([value ? 0xff : 0]))
export const nothing: Buffer = element(0x05)

/** A non-negative integer; a leading zero keeps it from reading as negative. */
export function integer(value: Bytes | number): Buffer {
  const bytes = typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value)
  return element(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

export const bitString = (contents: Bytes, unusedBits = 0): Buffer =>
  element(0x03, Buffer.from([unusedBits]), contents)

/** `[n]` around a whole element. */
export const explicit = (n: number, ...contents: Bytes[]): Buffer => element(0xa0 | n, ...contents)

/** `[n]` in the place of a primitive element's own tag. */
export const implicit = (n: number, contents: Bytes): Buffer => element(0x80 | n, contents)

/** Dotted numbers; the first two share a byte, the rest are base 128 (X.690 §8.19). */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
    return digits
  })
  return element(0x06, Buffer.from(bytes))
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
export function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return digits < '2050'
    ? element(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : element(0x18, Buffer.from(`${digits}Z`))
}
