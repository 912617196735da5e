import { type Config, defaultDatabaseLimits } from '../config.ts'

/** The settings of a server under test: no files, no log. */
export function testConfig(settings: Partial<Config> = {}): Config {
  return {
    issuer: 'http://localhost:5050/',
    host: '127.0.0.1',
    port: 0,
    dataDir: '/nonexistent',
    databaseLimits: defaultDatabaseLimits,
    trustProxy: [],
    localHosts: [],
    shutdownSeconds: 10,
    minFreeDiskBytes: 0,
    logLevel: 'silent',
    retentionDays: { logs: 90, jobs: 30, mail: 30, usedTokens: 90 },
    machineTokenLogs: 'each',
    keyRotationDays: 0,
    ...settings,
  }
}
