import { isUtf8 } from 'node:buffer'
import { invalidBody } from '../http/api-error.ts'

/** The unparsed text of one user, or the problem with it. */
export type RawRecord = { line: number } & ({ text: string } | { problem: string })

export const maxRecordBytes = 512 * 1_024
const maxRecords = 1_000_000

const newline = 0x0a
const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/**
 * Splits a streamed file into its users: a JSON array or lines of JSON, with or without a byte order mark. Finds only the
 * boundaries between users. Each user is parsed alone, so that a malformed one does not affect the others.
 * @throws ApiError 400 with the line, where the boundaries cannot be determined
 */
export async function* splitRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawRecord> {
  let splitter: Splitter | undefined
  let start: Buffer | undefined = Buffer.alloc(0)
  let count = 0
  const counted = function* (records: RawRecord[]) {
    count += records.length
    if (count > maxRecords) throw broken(`The file holds more than ${maxRecords} users`)
    yield* records
  }
  for await (const chunk of chunks) {
    if (splitter) {
      yield* counted(splitter.push(chunk))
      continue
    }
    start = Buffer.concat([start ?? Buffer.alloc(0), chunk])
    splitter = splitterFor(start, start.length > maxRecordBytes)
    if (!splitter) continue
    yield* counted(splitter.push(start))
    start = undefined
  }
  splitter ??= splitterFor(start ?? Buffer.alloc(0), true) ?? new Lines()
  if (start) yield* counted(splitter.push(start))
  yield* counted(splitter.end())
}

interface Splitter {
  push(chunk: Buffer): RawRecord[]
  end(): RawRecord[]
}

/** @returns undefined while only white space has arrived and more input may follow */
function splitterFor(start: Buffer, isEnough: boolean): Splitter | undefined {
  if (start.length < 3 && !isEnough) return undefined
  const mark = start.length < 2 ? 0 : start.readUInt16BE()
  if (mark === 0xfffe || mark === 0xfeff) throw broken('The file is UTF-16, save it as UTF-8')
  const from = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 3 : 0
  const first = start.subarray(from).find((byte) => !isSpace(byte))
  if (first === undefined) return isEnough ? new Lines() : undefined
  return first === openBracket ? new ArrayItems() : new Lines()
}

/** Buffers the bytes of the current user, up to the maximum size. */
class Piece {
  #parts: Buffer[] = []
  #size = 0

  add(part: Buffer): void {
    this.#size += part.length
    if (this.#size <= maxRecordBytes) this.#parts.push(part)
    else this.#parts = []
  }

  /** @returns the record, or undefined for white space alone */
  take(line: number): RawRecord | undefined {
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts)
    const tooLarge = this.#size > maxRecordBytes
    this.#parts = []
    this.#size = 0
    if (tooLarge) return { line, problem: `is larger than ${maxRecordBytes} bytes` }
    if (!bytes || bytes.every(isSpace)) return undefined
    if (!isUtf8(bytes)) return { line, problem: 'is not UTF-8' }
    return { line, text: bytes.toString('utf8').replace(/^\uFEFF/, '') }
  }
}

/** One JSON value per line, the format of exports of this server and of Auth0. */
class Lines implements Splitter {
  #line = 1
  readonly #piece = new Piece()

  push(chunk: Buffer): RawRecord[] {
    const records: RawRecord[] = []
    let from = 0
    for (let to = chunk.indexOf(newline); to !== -1; to = chunk.indexOf(newline, from)) {
      this.#piece.add(chunk.subarray(from, to))
      records.push(...this.end())
      this.#line++
      from = to + 1
    }
    this.#piece.add(chunk.subarray(from))
    return records
  }

  end(): RawRecord[] {
    const record = this.#piece.take(this.#line)
    return record && !('text' in record && record.text.trim() === '') ? [record] : []
  }
}

/** The items of one JSON array. Tracks brackets and strings only. */
class ArrayItems implements Splitter {
  #line = 1
  /** The line where the current item begins. */
  #itemLine = 1
  #hasBegun = false
  #state: 'before' | 'inside' | 'after' = 'before'
  #depth = 0
  #inString = false
  #escaped = false
  #isFirst = true
  readonly #piece = new Piece()

  push(chunk: Buffer): RawRecord[] {
    const records: RawRecord[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      if (byte === newline) this.#line++
      if (this.#state === 'inside') {
        if (!this.#hasBegun && !isSpace(byte)) {
          this.#hasBegun = true
          this.#itemLine = this.#line
        }
        if (!this.#isBorder(byte)) continue
        this.#piece.add(chunk.subarray(from, at))
        records.push(...this.#take(byte === closeBracket))
        from = at + 1
      } else if (this.#state === 'before') {
        if (byte !== openBracket) continue
        this.#state = 'inside'
        from = at + 1
      } else if (!isSpace(byte)) throw broken(`Line ${this.#line} has text after the end of the array`)
    }
    if (this.#state === 'inside') this.#piece.add(chunk.subarray(from))
    return records
  }

  end(): RawRecord[] {
    if (this.#state === 'after') return []
    throw broken(`The array is not closed, see the user that begins in line ${this.#itemLine}`)
  }

  /** Whether the byte ends an item. */
  #isBorder(byte: number): boolean {
    if (this.#escaped) this.#escaped = false
    else if (this.#inString) {
      if (byte === backslash) this.#escaped = true
      else if (byte === quote) this.#inString = false
    } else if (byte === quote) this.#inString = true
    else if (byte === openBrace || byte === openBracket) this.#depth++
    else if (this.#depth === 0) return byte === comma || byte === closeBracket
    else if (byte === closeBrace || byte === closeBracket) this.#depth--
    return false
  }

  #take(isLast: boolean): RawRecord[] {
    const line = this.#itemLine
    const record = this.#piece.take(line)
    const isEmptyArray = isLast && this.#isFirst
    this.#isFirst = false
    this.#hasBegun = false
    if (isLast) this.#state = 'after'
    if (record) return [record]
    return isEmptyArray ? [] : [{ line, problem: 'is empty' }]
  }
}

const broken = (reason: string) => invalidBody(`'${reason}' on property users.`)
