import { defineConfig } from 'vite'

/** Where the live tail is. In production, a proxy sends these paths there. */
const liveTail = process.env.LIVE_TAIL ?? 'http://127.0.0.1:9480'

const proxy = Object.fromEntries(
  ['/logs', '/analytics', '/alerts', '/streams', '/executions'].map((path) => [path, { target: liveTail, ws: true }]),
)

export default defineConfig({
  // The page may be served below any path.
  base: './',
  server: { proxy },
  preview: { proxy },
  // The policy of the live tail allows pictures of its own address, not pictures within scripts.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})
