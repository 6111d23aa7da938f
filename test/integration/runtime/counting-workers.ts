import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { builtProgram } from '../../support/built.ts'
import type { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { until } from '../../support/until.ts'

/** Starts `counting-worker.mjs`; resolves when it runs. */
export async function startCountingWorker(
  bootstrap: string,
  stateDirectory: string,
  groupProtocol: 'classic' | 'streams',
  guarantee: 'at-least-once' | 'exactly-once' = 'at-least-once',
): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'counting-worker.mjs')
  const args = [script, builtProgram('src/index'), bootstrap, stateDirectory, groupProtocol, guarantee]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk)
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the worker ended before it ran: ${errors}`)
  })
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended])
  ended.catch(() => {})
  return child
}

export async function killed(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL')
  await once(worker, 'exit')
}

export const vocabulary = ['alpha', 'beta', 'gamma', 'delta', 'epsilon']

// Of today: a broker's retention deletes records of 1970 while a test runs.
const baseMs = Date.now() - 60_000

/** Each word of the vocabulary in turn. */
export const words = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => {
    const at = from + index
    return { key: `k${at}`, value: vocabulary[at % 5] as string, timestampMs: baseMs + at }
  })

export async function lastCounts(peer: KafkajsPeer): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { key, value } of await peer.readAll('word-counts'))
    counts.set(String(key), Math.max(counts.get(String(key)) ?? 0, Number(value?.readBigInt64BE())))
  return counts
}

export async function untilCounted(peer: KafkajsPeer, total: number): Promise<void> {
  const isCounted = async (): Promise<boolean> => {
    const counts = await lastCounts(peer)
    return counts.size === 5 && [...counts.values()].every((count) => count >= total / 5)
  }
  await until(isCounted, 90_000, `${total} words are counted`)
}

export async function untilCommitted(peer: KafkajsPeer): Promise<void> {
  const lag = async (topic: string): Promise<number> => peer.lag('killed', topic)
  const isCommitted = async (): Promise<boolean> =>
    (await lag('words')) === 0 && (await lag('killed-by-word-repartition')) === 0
  await until(isCommitted, 60_000, 'all is committed')
}
