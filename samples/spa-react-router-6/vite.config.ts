import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'
import { parsePort } from './src/configuration.ts'
import { reportConfiguration, securityHeaders } from './vite-plugins.ts'

export default defineConfig(({ mode }) => {
  const { PORT } = loadEnv(mode, import.meta.dirname, 'PORT')
  // Another port is another origin, which the authorization server does not know.
  const server = { port: parsePort(PORT), strictPort: true }
  return {
    plugins: [react(), reportConfiguration(), securityHeaders()],
    envPrefix: ['VITE_AUTH0_', 'VITE_API_SERVER_'],
    server,
    preview: server,
    // React, the router and Auth0's SDK come to 170 kB compressed; a sample gains nothing from splitting them.
    build: { chunkSizeWarningLimit: 700 },
  }
})
