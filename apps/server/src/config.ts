import { readFileSync } from 'node:fs'
import { z } from 'zod'

export interface Config {
  /** `scheme://host[:port]/`, with the trailing slash: the `iss` of every token. */
  issuer: string
  host: string
  port: number
  /** Folder of the store, the sealing key and `lab.json`. */
  dataDir: string
  /** PostgreSQL; absent, the store is a file in `dataDir`. */
  databaseUrl?: string
  /** 32 bytes, base64; absent, kept in a file in `dataDir`. */
  sealingKey?: string
  /** How long stopping may take. */
  shutdownSeconds: number
  tls?: { cert: string; key: string }
  smtp?: { url: string; from: string }
  /** Addresses or networks whose X-Forwarded-* headers are trusted. */
  trustProxy: string[]
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
}

export class ConfigError extends Error {}

const text = z.string().trim().min(1)
function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`
  return z.coerce.number({ error }).int(error).min(min, error).max(max, error)
}
const shape = z.object({
  ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL such as https://id.example.com/' })
    // The check above reports a text that is not a URL.
    .refine(
      (url) => !URL.canParse(url) || (new URL(url).pathname === '/' && !/[?#]/.test(url)),
      'must be an origin, without a path',
    )
    .refine((url) => !/@/.test(url), 'must not hold a user name or password')
    .optional(),
  HOST: text.default('localhost'),
  PORT: wholeNumber(0, 65_535).default(5050),
  DATA_DIR: text.default('.rolecall'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must look like postgres://user:password@host/database' })
    .optional(),
  SEALING_KEY: z
    .string()
    .refine((key) => Buffer.from(key, 'base64').length === 32, 'must be 32 bytes in base64')
    .optional(),
  TLS_CERT_FILE: text.optional(),
  TLS_KEY_FILE: text.optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must look like smtp://user:password@host:587' }).optional(),
  MAIL_FROM: text.optional(),
  TRUST_PROXY: text.optional(),
  SHUTDOWN_SECONDS: wholeNumber(1, 600).default(10),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
})

type Values = z.output<typeof shape>

/**
 * Reads the environment once. Any variable may also be given as `NAME_FILE`, the path of a file that holds it.
 * @throws {ConfigError} whose message names all invalid variables
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = []
  const parsed = shape.safeParse(readVariables(env, problems))
  for (const issue of parsed.error?.issues ?? []) problems.push(`${issue.path.join('.')} ${issue.message}`)
  const values = parsed.data
  const tls = values && readTls(values, problems)
  if (values?.SMTP_URL && !values.MAIL_FROM)
    problems.push('MAIL_FROM is required with SMTP_URL: the address that mail comes from')
  if (!values || problems.length > 0) throw new ConfigError(`${problems.join('; ')}.`)
  return toConfig(values, tls)
}

/** The variables that have a value, or whose file has one. */
function readVariables(env: Record<string, string | undefined>, problems: string[]): Record<string, string> {
  const given: Record<string, string> = {}
  for (const name of Object.keys(shape.shape)) {
    const file = name.endsWith('_FILE') ? undefined : env[`${name}_FILE`]
    const value = env[name] ?? (file ? readNamed(`${name}_FILE`, file, problems) : undefined)
    if (value !== undefined && value.trim() !== '') given[name] = value.trim()
    else if (value !== undefined && name === 'SEALING_KEY')
      problems.push('SEALING_KEY is empty: give the key, or leave the variable out to keep one in DATA_DIR')
  }
  return given
}

function readTls({ TLS_CERT_FILE, TLS_KEY_FILE }: Values, problems: string[]): Config['tls'] {
  if (!TLS_CERT_FILE !== !TLS_KEY_FILE)
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE belong together: give both or neither')
  const cert = TLS_CERT_FILE && readNamed('TLS_CERT_FILE', TLS_CERT_FILE, problems)
  const key = TLS_KEY_FILE && readNamed('TLS_KEY_FILE', TLS_KEY_FILE, problems)
  return cert && key ? { cert, key } : undefined
}

function toConfig(values: Values, tls: Config['tls']): Config {
  const scheme = tls ? 'https' : 'http'
  return {
    issuer: new URL('/', values.ISSUER ?? `${scheme}://localhost:${values.PORT}`).href,
    host: values.HOST,
    port: values.PORT,
    dataDir: values.DATA_DIR,
    shutdownSeconds: values.SHUTDOWN_SECONDS,
    ...(values.DATABASE_URL && { databaseUrl: values.DATABASE_URL }),
    ...(values.SEALING_KEY && { sealingKey: values.SEALING_KEY }),
    ...(tls && { tls }),
    ...(values.SMTP_URL && values.MAIL_FROM && { smtp: { url: values.SMTP_URL, from: values.MAIL_FROM } }),
    trustProxy: values.TRUST_PROXY?.split(',').map((hop) => hop.trim()) ?? [],
    logLevel: values.LOG_LEVEL,
  }
}

function readNamed(name: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    problems.push(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}
