import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, loadEnv } from 'vite'
import { parsePort } from './src/configuration.ts'
import { reportConfiguration, securityHeaders } from './vite-plugins.ts'

export default defineConfig(({ mode }) => {
  const { PORT } = loadEnv(mode, import.meta.dirname, 'PORT')
  // Another port is another origin, which the authorization server does not know.
  const server = { port: parsePort(PORT), strictPort: true }
  return {
    plugins: [svelte(), reportConfiguration(), securityHeaders()],
    envPrefix: ['VITE_AUTH0_', 'VITE_API_SERVER_'],
    server,
    preview: server,
  }
})
