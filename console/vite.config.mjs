// @ts-check
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

// Tests build too, and React would be the one for development there: five times as slow.
process.env.NODE_ENV = 'production'

/** The page, into `dist/console`. */
export default defineConfig({
  root: fileURLToPath(new URL('page', import.meta.url)),
  // Below any path: the page is served by a proxy too.
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    // Since the spring of 2024.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Every browser above knows what it does.
    modulePreload: { polyfill: false },
    // A picture inside a script is a picture that the policy of the page refuses.
    assetsInlineLimit: 0,
  },
  logLevel: 'warn',
})
