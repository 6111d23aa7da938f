import { join } from 'node:path'
import type { Peer } from './peer.ts'
import { timed } from './timed.ts'

/** How our pipeline is run: it finds the format of each line, or is told it; the last one also redacts, as workers do. */
export const variants = ['auto', 'by name', 'auto, redacted'] as const
export type Variant = (typeof variants)[number]

export const millrace: readonly Peer[] = variants.map((variant) => ({
  name: `millrace, ${variant}`,
  install: 'npm run build',
  version: () => process.version,
  run: ({ source, input, output }) =>
    timed(process.execPath, [join(import.meta.dirname, 'millrace-process.js'), variant, source, input, output]).ended,
}))
