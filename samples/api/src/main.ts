import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createApi } from './api.ts'
import { ConfigError, readConfig } from './config.ts'

const envFile = fileURLToPath(new URL('../.env', import.meta.url))
if (existsSync(envFile)) process.loadEnvFile(envFile)

try {
  const config = readConfig(process.env)
  const api = await createApi(config)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void api.close())
  await api.listen({ port: config.port, host: 'localhost' })
  console.log(`Hello World API: http://localhost:${config.port}`)
} catch (error) {
  console.error(startProblem(error))
  process.exitCode = 1
}

function startProblem(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return 'The API cannot start: its port is in use by another program.'
  return `The API cannot start: ${error instanceof Error ? error.message : String(error)}`
}
