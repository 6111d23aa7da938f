import { defineConfig } from 'vite'

/** Where the live tail is. In production, a proxy sends `/logs` there. */
const liveTail = process.env.LIVE_TAIL ?? 'http://127.0.0.1:9480'

export default defineConfig({
  // The page may be served below any path.
  base: './',
  server: { proxy: { '/logs': { target: liveTail, ws: true } } },
  preview: { proxy: { '/logs': { target: liveTail, ws: true } } },
  // The policy of the live tail allows pictures of its own address, not pictures within scripts.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})
