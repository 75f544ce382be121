import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `vite` (development only) finds the API: a Tidemark that is already running. */
const server = process.env.TIDEMARK_SERVER ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), tailwindcss()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Which file needs which, for `bench/web-size.ts`.
    manifest: true,
    // The strict content policy of the server has no room for data: scripts or inline styles, so nothing is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      ...Object.fromEntries(
        ['/api', '/docs', '/redoc', '/health', '/version', '/.well-known', '/metrics'].map((path) => [path, server]),
      ),
      // Addresses of the registry, beside pages of the same beginnings.
      ...Object.fromEntries(
        ['^/upload$', '^/evidences/', '^/system/', '^/projects/[^/]+/(?:credit-calculation|trigger-analysis)'].map(
          (path) => [path, server],
        ),
      ),
      // A page, and an address that decisions are sent to.
      '^/verify$': { target: server, bypass: ({ method, url }) => (method === 'GET' ? url : undefined) },
      '/ws': { target: server, ws: true },
    },
  },
})
