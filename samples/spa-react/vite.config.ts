import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv, type Plugin } from 'vite'
import { describeProblems, parseConfiguration, parsePort, variables } from './src/configuration.ts'

/** Says in the terminal what the page says too, and leaves beside the bundle a record of the values baked into it. */
function configuration(): Plugin {
  let baked = ''
  return {
    name: 'rolecall:configuration',
    configResolved({ env, logger }) {
      baked = JSON.stringify(Object.fromEntries(variables.map((name) => [name, String(env[name] ?? '')])))
      const parsed = parseConfiguration(env)
      if ('problems' in parsed) logger.error(describeProblems(parsed.problems))
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'configuration.json', source: baked })
    },
  }
}

export default defineConfig(({ mode }) => {
  const { PORT } = loadEnv(mode, import.meta.dirname, 'PORT')
  return {
    plugins: [react(), configuration()],
    envPrefix: ['VITE_AUTH0_', 'VITE_API_SERVER_'],
    // Another port would be another origin, which the authorization server does not know: better to stop.
    server: { port: parsePort(PORT), strictPort: true },
    // React, the router and Auth0's SDK come to 170 kB compressed; a sample gains nothing from splitting them.
    build: { chunkSizeWarningLimit: 700 },
  }
})
