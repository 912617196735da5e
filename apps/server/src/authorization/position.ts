import type { Position } from '../store/marks.ts'

/** A private claim (RFC 7519 §4.3): the position that an access token is at least as new as. */
export const markClaim = 'authz_mark'

/** A position as text, in tokens and in the feed: the epoch and the number of a mark. */
export function formatPosition({ epoch, number }: Position): string {
  return `${epoch}.${number}`
}

/** @returns undefined for anything else than a position */
export function parsePosition(text: unknown): Position | undefined {
  const [, epoch, number] = (typeof text === 'string' && /^([\w-]{1,64})\.(\d{1,15})$/.exec(text)) || []
  return epoch === undefined || number === undefined ? undefined : { epoch, number: Number(number) }
}
