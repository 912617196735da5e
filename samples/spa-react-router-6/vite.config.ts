import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'
import { parsePort } from './src/configuration.ts'
import { reportConfiguration, securityHeaders } from './vite-plugins.ts'

export default defineConfig(({ mode }) => {
  const { PORT } = loadEnv(mode, import.meta.dirname, 'PORT')
  // Another port would be another origin, which the authorization server refuses.
  const server = { port: parsePort(PORT), strictPort: true }
  return {
    plugins: [react(), reportConfiguration(), securityHeaders()],
    envPrefix: ['VITE_AUTH0_', 'VITE_API_SERVER_'],
    server,
    preview: server,
    // React, the router and Auth0's SDK are 170 kB compressed. The sample does not need to split them.
    build: { chunkSizeWarningLimit: 700 },
  }
})
