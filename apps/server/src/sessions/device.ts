import type { Sealer } from '../crypto/sealer.ts'
import type { Artifact } from './lists.ts'
import { payloadContext } from './store.ts'

/** The browser that a session is in, as its log-in described it. */
export interface Device {
  /** Of the last log-in in this session. */
  userAgent?: string
  ip?: string
  /** The last authorization request, in epoch milliseconds. */
  usedAt?: number
}

/** Longer than those of browsers. A caller may send any text. */
const maxUserAgentLength = 300

export function newDevice(ip: string | undefined, userAgent: string | undefined): Device {
  return { ...(userAgent && { userAgent: userAgent.slice(0, maxUserAgentLength) }), ...(ip && { ip }) }
}

/** Opens the payload of a session of a list. Empty for a session from before devices were kept. */
export function deviceOf(sealer: Sealer, { id, payload = '' }: Artifact): Device {
  try {
    const { device }: { device?: Device } = JSON.parse(sealer.open(payload, payloadContext('Session', id)))
    return device ?? {}
  } catch {
    // A row that cannot be read must not hide the others, or keep an administrator from ending them.
    return {}
  }
}
