import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { DatabaseLimits } from './store/store.ts'

export interface Config {
  /** `scheme://host[:port]/`, with the trailing slash: the `iss` of every token. */
  issuer: string
  host: string
  port: number
  /** Folder of the store, the sealing key and `lab.json`. */
  dataDir: string
  /** PostgreSQL; absent, the store is a file in `dataDir`. */
  databaseUrl?: string
  databaseLimits: DatabaseLimits
  /** 32 bytes, base64; absent, kept in a file in `dataDir`. */
  sealingKey?: string
  /** A second key, while keys are rotated: values that it sealed open too. */
  previousSealingKey?: string
  /** How long stopping may take. */
  shutdownSeconds: number
  tls?: { cert: string; key: string }
  smtp?: { url: string; from: string }
  /** Addresses or networks whose X-Forwarded-* headers are trusted. */
  trustProxy: string[]
  /** Hosts in the server's own network that settings of the tenant may send requests to. In lower case. */
  localHosts: string[]
  /** With less room on the disk of the store, the server is not ready. */
  minFreeDiskBytes: number
  /** The collector that traces are sent to, and the share of requests that are traced; absent: none are. */
  traces?: { url: string; ratio: number }
  /** Where metrics are served; absent: nowhere, and nothing is measured. */
  metrics?: { host: string; port: number }
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** Days after which rows are deleted. 0: never. */
  retentionDays: { logs: number; jobs: number; mail: number; usedTokens: number }
  /** `minute`: the tokens that an application gets for itself in a minute are one entry of the log. */
  machineTokenLogs: 'each' | 'minute'
  /** Days after which the next signing key signs. 0: only on request. */
  keyRotationDays: number
}

export const defaultDatabaseLimits: DatabaseLimits = {
  connections: 10,
  connectSeconds: 5,
  queueSeconds: 10,
  querySeconds: 15,
  pooling: 'session',
}

export class ConfigError extends Error {}

const text = z.string().trim().min(1)
function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`
  return z.coerce.number({ error }).int(error).min(min, error).max(max, error)
}
/** A number of days. 0 and `never` are the same. */
function days(min = 1) {
  const max = 36_500
  return z
    .string()
    .transform((given) => (given === 'never' ? 0 : Number(given)))
    .refine(
      (value) => Number.isInteger(value) && (value === 0 || (value >= min && value <= max)),
      `must be a number of days from ${min} to ${max}, or never`,
    )
}
const sealingKey = z
  .string()
  .refine((key) => Buffer.from(key, 'base64').length === 32, 'must be 32 bytes in base64')
/**
 * The variables of the environment. `description` is the row in docs/guides/operating.md, which `npm run settings` writes;
 * `unset` says there what applies without a value, where that is not the default below.
 */
const shape = z.object({
  ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL such as https://id.example.com/' })
    // The check above reports a text that is not a URL.
    .refine(
      (url) => !URL.canParse(url) || (new URL(url).pathname === '/' && !/[?#]/.test(url)),
      'must be an origin, without a path',
    )
    .refine((url) => !/@/.test(url), 'must not hold a user name or password')
    .optional()
    .meta({
      description:
        'the public origin of the server, such as `https://id.example.com/`. It is the `iss` of every token. Request headers never change it',
      unset: '`http(s)://localhost:PORT/`',
    }),
  HOST: text.default('localhost').meta({
    description: 'where the server listens. `localhost` is both loopback addresses, `127.0.0.1` and `::1`',
  }),
  PORT: wholeNumber(0, 65_535).default(5050).meta({ description: 'the port where the server listens' }),
  DATA_DIR: text.default('.rolecall').meta({
    description: 'the folder of the store and of the sealing key, created with mode 0700',
  }),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must look like postgres://user:password@host/database' })
    .optional()
    .meta({
      description:
        'a PostgreSQL database instead of the file, such as `postgres://user:password@host/database`',
      unset: 'a file in `DATA_DIR`',
    }),
  DATABASE_CONNECTIONS: wholeNumber(1, 500)
    .default(defaultDatabaseLimits.connections)
    .meta({ description: 'connections that the server opens to PostgreSQL at most' }),
  DATABASE_CONNECT_SECONDS: wholeNumber(1, 60)
    .default(defaultDatabaseLimits.connectSeconds)
    .meta({ description: 'the longest time for opening a connection to PostgreSQL' }),
  DATABASE_QUEUE_SECONDS: wholeNumber(1, 60)
    .default(defaultDatabaseLimits.queueSeconds)
    .meta({ description: 'how long a request waits for a connection while all are in use; then 503' }),
  DATABASE_QUERY_SECONDS: wholeNumber(1, 600)
    .default(defaultDatabaseLimits.querySeconds)
    .meta({ description: 'the longest time for a statement in PostgreSQL. Migrations have no limit' }),
  DATABASE_POOLING: z
    .enum(['session', 'transaction'], { error: 'must be session or transaction' })
    .default(defaultDatabaseLimits.pooling)
    .meta({ description: '`transaction` behind [PgBouncer](cluster.md#pgbouncer) in transaction mode' }),
  SEALING_KEY: sealingKey.optional().meta({
    description:
      '32 bytes in base64. It encrypts what the server must be able to read again, such as signing keys and sessions. Back it up, separately from the store. A store cannot be opened with another key',
    unset: 'created in `DATA_DIR/sealing.key` with a new store',
  }),
  SEALING_KEY_PREVIOUS: sealingKey.optional().meta({
    description: 'a second key: values that it encrypted can be read too ([rotation](#sealing-key))',
    unset: '`DATA_DIR/sealing.key.previous`, if it exists',
  }),
  TLS_CERT_FILE: text
    .optional()
    .meta({ description: 'the certificate for https, with its chain, in PEM', unset: 'http' }),
  TLS_KEY_FILE: text.optional().meta({ description: 'the private key of the certificate, in PEM' }),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must look like smtp://user:password@host:587' })
    .optional()
    .meta({
      description: 'the mail server, such as `smtp://user:password@host:587`',
      unset: 'mail stays in the outbox of the dashboard',
    }),
  MAIL_FROM: text
    .optional()
    .meta({ description: 'the address that mail comes from; required with `SMTP_URL`' }),
  TRUST_PROXY: text.optional().meta({
    description:
      'addresses or networks of your reverse proxies, separated by commas. `X-Forwarded-For` is ignored from all others',
    unset: 'none',
  }),
  OUTBOUND_LOCAL_HOSTS: text.optional().meta({
    description:
      'names or addresses in your own network that a [lazy migration](lazy-migration.md) or a log-in at [another provider](other-providers.md) may reach, separated by commas. All others must have a public address',
    unset: 'none',
  }),
  SHUTDOWN_SECONDS: wholeNumber(1, 600)
    .default(10)
    .meta({ description: 'the longest time for a stop, in seconds' }),
  DISK_FREE_MB: wholeNumber(0, 1_000_000).default(100).meta({
    description:
      '`/readyz` fails when the disk of the file store has less room, in megabytes. 0 switches this off',
  }),
  METRICS_PORT: wholeNumber(0, 65_535).optional().meta({
    description: 'the port of [metrics](#metrics) for Prometheus',
    unset: 'not served',
  }),
  METRICS_HOST: text
    .default('127.0.0.1')
    .meta({ description: 'the address that metrics are served at. Everyone who reaches it may read them' }),
  TRACES_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL such as http://localhost:4318/v1/traces' })
    .optional()
    .meta({
      description: 'the OpenTelemetry collector that [traces](#traces) are sent to',
      unset: 'no traces',
    }),
  TRACES_RATIO: z.coerce
    .number({ error: 'must be a number from 0 to 1' })
    .min(0, 'must be a number from 0 to 1')
    .max(1, 'must be a number from 0 to 1')
    .default(1)
    .meta({ description: 'the share of requests that are traced' }),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info')
    .meta({ description: 'the lowest level of the messages that the server prints' }),
  LOG_RETENTION_DAYS: days().prefault('90').meta({
    description:
      'days after which an entry of the tenant log is deleted ([retention](#retention)). `0` or `never` keeps all of them',
  }),
  JOB_RETENTION_DAYS: days().prefault('30').meta({ description: 'the same for imports and exports' }),
  MAIL_RETENTION_DAYS: days().prefault('30').meta({ description: 'the same for mail' }),
  USED_TOKEN_RETENTION_DAYS: days().prefault('90').meta({
    description: 'the same for refresh tokens that were exchanged for their successors',
  }),
  LOG_MACHINE_TOKENS: z.enum(['each', 'minute'], { error: 'must be each or minute' }).default('each').meta({
    description:
      'one log entry for each token that an application gets for itself, or one for each application and minute',
  }),
  KEY_ROTATION_DAYS: days(2).prefault('never').meta({
    description:
      'days after which the next signing key signs, at least 2 ([signing keys](#signing-keys)). With `never` you rotate',
  }),
})

/** The variables as a JSON Schema with descriptions and defaults, for the reference. */
export const describeVariables = () => z.toJSONSchema(shape, { io: 'input' })

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
  if (values) checkPairs(values, problems)
  const tls = values && readTls(values, problems)
  if (!values || problems.length > 0) throw new ConfigError(`${problems.join('; ')}.`)
  return toConfig(values, tls)
}

/** What one variable demands of another. */
function checkPairs(values: Values, problems: string[]): void {
  if (values.SMTP_URL && !values.MAIL_FROM)
    problems.push('MAIL_FROM is required with SMTP_URL: the address that mail comes from')
  if (values.METRICS_PORT && values.METRICS_PORT === values.PORT)
    problems.push('METRICS_PORT must not be PORT: metrics have a socket of their own')
  if (!values.TLS_CERT_FILE !== !values.TLS_KEY_FILE)
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE belong together: give both or neither')
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
    databaseLimits: {
      connections: values.DATABASE_CONNECTIONS,
      connectSeconds: values.DATABASE_CONNECT_SECONDS,
      queueSeconds: values.DATABASE_QUEUE_SECONDS,
      querySeconds: values.DATABASE_QUERY_SECONDS,
      pooling: values.DATABASE_POOLING,
    },
    ...(values.SEALING_KEY && { sealingKey: values.SEALING_KEY }),
    ...(values.SEALING_KEY_PREVIOUS && { previousSealingKey: values.SEALING_KEY_PREVIOUS }),
    ...(tls && { tls }),
    ...(values.SMTP_URL && values.MAIL_FROM && { smtp: { url: values.SMTP_URL, from: values.MAIL_FROM } }),
    ...observers(values),
    minFreeDiskBytes: values.DISK_FREE_MB * 1_000_000,
    trustProxy: listOf(values.TRUST_PROXY),
    localHosts: listOf(values.OUTBOUND_LOCAL_HOSTS?.toLowerCase()),
    logLevel: values.LOG_LEVEL,
    retentionDays: {
      logs: values.LOG_RETENTION_DAYS,
      jobs: values.JOB_RETENTION_DAYS,
      mail: values.MAIL_RETENTION_DAYS,
      usedTokens: values.USED_TOKEN_RETENTION_DAYS,
    },
    machineTokenLogs: values.LOG_MACHINE_TOKENS,
    keyRotationDays: values.KEY_ROTATION_DAYS,
  }
}

/** A list that is separated by commas. */
const listOf = (value = '') => value.split(',').flatMap((item) => item.trim() || [])

/** Where traces and metrics go, where they are switched on. */
function observers(values: Values): Pick<Config, 'traces' | 'metrics'> {
  const { TRACES_URL, TRACES_RATIO, METRICS_HOST, METRICS_PORT } = values
  return {
    ...(TRACES_URL && { traces: { url: TRACES_URL, ratio: TRACES_RATIO } }),
    ...(METRICS_PORT !== undefined && { metrics: { host: METRICS_HOST, port: METRICS_PORT } }),
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
