import { join } from 'node:path'
import { javaJobs } from '../../scripts/kafka-streams/peer.mjs'

export type Engine = 'java' | 'millrace' | 'raw'

export interface Program {
  readonly program: string
  readonly args: readonly string[]
}

/** What runs jobs in an engine; its arguments follow. */
export async function jobProgram(engine: Engine, nodeOptions: readonly string[] = []): Promise<Program> {
  if (engine === 'java') return javaJobs()
  const args = ['--enable-source-maps', ...nodeOptions, join(import.meta.dirname, `${engine}-process.js`)]
  return { program: process.execPath, args }
}
