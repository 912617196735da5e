import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compress } from './vite-compress.ts'

export default defineConfig({
  base: '/dashboard/',
  plugins: [react(), compress()],
  // The server puts a fresh nonce in its place for every page: Mantine writes two <style> elements (CSP, ASVS 3.4.3).
  html: { cspNonce: 'CSP_NONCE' },
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" means something to frameworks that render on a server, and nothing here.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
})
