import { availableParallelism } from 'node:os'
import { createWorkQueue } from './work-queue.ts'

/** Longer passwords are refused before they cost anything; nothing is ever cut off (ASVS 6.2.8, 6.2.9). */
export const passwordByteLimit = 1024

export const isTooLong = (password: string) => Buffer.byteLength(password) > passwordByteLimit

/**
 * Hashing runs on libuv's pool of four threads, which also signs tokens and reads files: one thread at least stays
 * free for those. 40 places to wait per hash in progress are about a second of waiting.
 */
const concurrency = Math.min(availableParallelism(), 3)
export const hashingQueue = createWorkQueue({ concurrency, places: 40 * concurrency })
