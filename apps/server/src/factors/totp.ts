import { randomBytes } from 'node:crypto'

/** RFC 6238 with its defaults, which every authenticator app supports. */
const periodSeconds = 30
const digits = 6
/** One step before and one after, for clocks that differ and people who type slowly (RFC 6238 §5.2). */
const window = 1

/** Loaded at the first use: most log-ins need no code. */
const library = () => import('otpauth')

/** 160 random bits (RFC 4226 §4, R6), in base32. */
export async function newTotpSecret(): Promise<string> {
  const { Secret } = await library()
  return new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer }).base32
}

/** The address that a QR code holds (Key Uri Format). @param issuer shown by the app above the account */
export async function totpUri(secret: string, issuer: string, account: string): Promise<string> {
  const { TOTP } = await library()
  return new TOTP({ issuer, label: account, secret, digits, period: periodSeconds }).toString()
}

/** The time step that a code is valid for; undefined for a wrong code. Blanks in the code do not count. */
export async function stepOfCode(secret: string, code: string, now: number): Promise<number | undefined> {
  const token = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const { TOTP } = await library()
  const delta = new TOTP({ secret, digits, period: periodSeconds }).validate({
    token,
    timestamp: now,
    window,
  })
  return delta === null ? undefined : Math.floor(now / 1000 / periodSeconds) + delta
}

/** The QR code of an address as an SVG element. */
export async function qrCode(address: string): Promise<string> {
  const { renderSVG } = await import('uqr')
  return renderSVG(address, { border: 2 })
}
