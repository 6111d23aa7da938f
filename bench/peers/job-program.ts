import { join } from 'node:path'
import { javaJobs } from '../../scripts/kafka-streams/peer.mjs'

import { installRdkafka } from '../../test/support/rdkafka.ts'

export type Engine = 'java' | 'kafkajs' | 'millrace' | 'raw' | 'rdkafka'

export interface Program {
  readonly program: string
  readonly args: readonly string[]
}

/** What runs jobs in an engine; its arguments follow. */
export async function jobProgram(engine: Engine, nodeOptions: readonly string[] = []): Promise<Program> {
  if (engine === 'java') return javaJobs()
  const more = engine === 'rdkafka' ? [`library=${await installRdkafka()}`] : []
  const args = ['--enable-source-maps', ...nodeOptions, join(import.meta.dirname, `${engine}-process.js`), ...more]
  return { program: process.execPath, args }
}
