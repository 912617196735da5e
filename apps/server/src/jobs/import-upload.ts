import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { usersImportFields } from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Context } from '../context.ts'
import { ApiError, invalidBody } from '../http/api-error.ts'
import { findInputProblem } from '../http/input-bounds.ts'
import { transaction } from '../store/transaction.ts'
import { codeOf } from '../store/values.ts'
import { type RawRecord, splitRecords } from './records.ts'
import { insertBatch, renewLease, sealBatch } from './store.ts'

/** Of the file, and of what a compressed file holds. */
export const maxFileBytes = 200 * 1_024 * 1_024
const batchRecords = 50
const batchChars = 256 * 1_024

/** Stores the users of the form in batches while they arrive. @returns the other fields, and the number of users */
export async function receiveUsers(
  ctx: Pick<Context, 'store' | 'sealer' | 'clock'>,
  request: FastifyRequest,
  upload: { jobId: string; holder: string },
): Promise<{ fields: z.output<typeof usersImportFields>; total: number }> {
  const values: Record<string, unknown> = {}
  let total: number | undefined
  try {
    for await (const part of readForm(request.parts())) {
      if (part.type !== 'file') values[part.fieldname] = part.value
      else if (part.fieldname !== 'users') part.file.resume()
      else if (total !== undefined) throw invalidBody("'There is more than one file' on property users.")
      else total = await storeRecords(ctx, splitRecords(plain(readForm(part.file))), upload)
    }
  } catch (cause) {
    throw toApiError(cause)
  }
  if (total === undefined) throw invalidBody("'Missing required property: users'")
  return { fields: parseFields(values), total }
}

function parseFields(values: Record<string, unknown>): z.output<typeof usersImportFields> {
  const problem = findInputProblem(values)
  if (problem !== undefined) throw invalidBody(`'${problem}'`)
  const fields = usersImportFields.safeParse(values)
  if (fields.success) return fields.data
  const [issue] = fields.error.issues
  throw invalidBody(`'${issue?.message ?? 'unknown'}' on property ${issue?.path.join('.') ?? ''}.`)
}

async function storeRecords(
  ctx: Pick<Context, 'store' | 'sealer' | 'clock'>,
  records: AsyncIterable<RawRecord>,
  upload: { jobId: string; holder: string },
): Promise<number> {
  let total = 0
  let chars = 0
  let batch: RawRecord[] = []
  const store = async () => {
    const sealed = sealBatch(ctx, upload.jobId, batch)
    const seq = total
    await transaction(ctx, async ({ db, now }) => {
      if (!(await renewLease(db, upload, now)))
        throw invalidBody("'The upload took too long' on property users.")
      await insertBatch(db, upload.jobId, seq, sealed)
    })
    batch = []
    chars = 0
  }
  for await (const record of records) {
    total++
    batch.push(record)
    chars += 'text' in record ? record.text.length : 0
    if (batch.length === batchRecords || chars >= batchChars) await store()
  }
  if (batch.length > 0) await store()
  return total
}

/** The decompressed file. An export is compressed with gzip. @throws ApiError 413 beyond the maximum size */
async function* plain(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = file[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (first.done) return
  const rest = async function* () {
    yield first.value
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b
  // An error of the pipeline is thrown where its output is read.
  const bytes: AsyncIterable<Buffer> = isGzip
    ? pipeline(Readable.from(rest()), createGunzip(), () => {})
    : rest()
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > maxFileBytes) throw tooLarge()
    yield chunk
  }
}

const tooLarge = () => new ApiError(413, `The file is larger than ${maxFileBytes} bytes`, 'invalid_body')

function toApiError(cause: unknown): unknown {
  return String(codeOf(cause)).startsWith('Z_')
    ? invalidBody("'The compressed file is damaged' on property users.")
    : cause
}

/** Maps the errors of the form's parser, most of which have no code. */
async function* readForm<T>(parts: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* parts
  } catch (cause) {
    if (codeOf(cause) === 'FST_REQ_FILE_TOO_LARGE') throw tooLarge()
    throw invalidBody("'The form cannot be read' on property users.")
  }
}
