// Runs the Angular CLI with the variables of the environment or of .env as constants: `node ng.js build`.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

if (existsSync('.env')) process.loadEnvFile('.env')

const names = [
  'NG_APP_AUTH0_DOMAIN',
  'NG_APP_AUTH0_CLIENT_ID',
  'NG_APP_AUTH0_CALLBACK_URL',
  'NG_APP_AUTH0_AUDIENCE',
  'NG_APP_API_SERVER_URL',
  'NG_APP_AUTH0_USE_REFRESH_TOKENS',
]
const constants = names.map((name) => `--define=${name}=${JSON.stringify(process.env[name] ?? '')}`)
const cli = join(import.meta.dirname, 'node_modules/@angular/cli/bin/ng.js')
const child = spawn(process.execPath, [cli, ...process.argv.slice(2), ...constants], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
