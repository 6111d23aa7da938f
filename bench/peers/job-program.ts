import { join } from 'node:path'
import { javaJobs } from '../../scripts/kafka-streams/peer.mjs'
import { installRdkafka } from '../../test/support/rdkafka.ts'

export type Engine = 'java' | 'kafkajs' | 'millrace' | 'raw' | 'rdkafka'

export interface Program {
  readonly program: string
  readonly args: readonly string[]
}

/** What a program of the jobs is told; `arguments.ts` reads it there. */
export interface JobArguments {
  readonly bootstrap: string
  readonly application: string
  /** The folder of its state. */
  readonly state: string
  readonly input: string
  readonly variant: string
  readonly threads: number
  readonly commitMs: number
  readonly job?: string
  readonly guarantee?: string
}

export function jobArguments(told: JobArguments): readonly string[] {
  return Object.entries(told).map(([name, value]) => `${name}=${value}`)
}

/** What runs jobs in an engine; its arguments follow. */
export async function jobProgram(engine: Engine, nodeOptions: readonly string[] = []): Promise<Program> {
  if (engine === 'java') return javaJobs()
  const more = engine === 'rdkafka' ? [`library=${await installRdkafka()}`] : []
  const args = ['--enable-source-maps', ...nodeOptions, join(import.meta.dirname, `${engine}-process.js`), ...more]
  return { program: process.execPath, args }
}
