// @ts-check
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

process.env.NODE_ENV = 'production'

/** The components as one module that leaves React to its user, into `dist/react`. */
export default defineConfig({
  build: {
    outDir: fileURLToPath(new URL('../../dist/react', import.meta.url)),
    emptyOutDir: true,
    copyPublicDir: false,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    minify: false,
    lib: {
      entry: fileURLToPath(new URL('../react/index.ts', import.meta.url)),
      formats: ['es'],
      fileName: 'index',
    },
    rollupOptions: { external: ['react', 'react/jsx-runtime'] },
  },
  logLevel: 'warn',
})
