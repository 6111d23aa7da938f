import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Headers, noHeaders } from '../src/core/headers.ts'
import { createOperator } from '../src/operators/create-operator.ts'
import type { Operator } from '../src/operators/operator.ts'
import type { StoreSpec } from '../src/stores/store-spec.ts'
import type { TaskStores } from '../src/stores/task-stores.ts'
import { OperatorHarness } from '../src/testing/operator-harness.ts'
import { number, type OperatorCase, operatorCases, text } from './operator-cases.ts'
import { openTaskStores } from './open-task-stores.ts'

/**
 * Processor time and allocation of each operator, one record after the other through the real operator and memory
 * stores; the commit of the stores after each round counts where they are on LMDB.
 * `npm run bench -- operators [name]` leaves the collector no reason to run while it counts. Allocation includes what
 * the operator's output needs (a change, a row).
 */

const records = 50_000
const rounds = 6

function ignore(_key: unknown, _value: unknown, _timestamp: number, _headers: Headers): void {}

interface Result {
  readonly ns: number
  readonly bytes: number
}

async function measure(bench: OperatorCase): Promise<Result> {
  const directory = bench.durable === true ? mkdtempSync(join(tmpdir(), 'millrace-bench-')) : undefined
  const taskStores = openTaskStores(specsOf(bench), directory, bench.cacheBytesMax)
  try {
    return await measureWith(bench, taskStores)
  } finally {
    await taskStores.wipe()
  }
}

function specsOf({ stores = [], durable = false }: OperatorCase): StoreSpec[] {
  const changelog = durable ? { topic: undefined, configs: {} } : undefined
  const engine = durable ? 'disk' : 'memory'
  return stores.map((store) => ({ engine, key: text, value: number, caching: false, changelog, ...store }))
}

async function measureWith(bench: OperatorCase, taskStores: TaskStores): Promise<Result> {
  const stores = (bench.stores ?? []).map(({ name }) => taskStores.store(name))
  const operator = createOperator(bench.spec)
  const children = bench.children ?? []
  const harness = new OperatorHarness(operator, { stores, children })
  for (const output of [harness.output, ...children.map((name) => harness.child(name))]) output.process = ignore
  const keyCount = bench.keyCount ?? 1000
  const keys = Array.from({ length: keyCount }, (_, index) => `key-${index}`)
  let bestNs = Number.POSITIVE_INFINITY
  let bytes = Number.POSITIVE_INFINITY
  let timestamp = 0
  for (let round = 0; round < rounds; round++) {
    const first = round * records
    const values = Array.from({ length: records }, (_, index) => bench.value?.(first + index) ?? index)
    const before = heapBytes()
    const start = process.cpuUsage()
    timestamp = feed(operator, keys, values, timestamp, bench.stepMs ?? 1)
    const fed = process.cpuUsage(start)
    bytes = Math.min(bytes, (usedBytes() - before) / records)
    taskStores.emitPending()
    taskStores.logDirty()
    await taskStores.apply(new Map())
    const { user, system } = bench.durable === true ? process.cpuUsage(start) : fed
    bestNs = Math.min(bestNs, ((user + system) * 1000) / records)
  }
  return { ns: bestNs, bytes }
}

function print({ name }: OperatorCase, { ns, bytes }: Result): void {
  console.log(`${name.padEnd(34)} ${ns.toFixed(ns < 100 ? 1 : 0).padStart(7)} ns ${bytes.toFixed(0).padStart(7)} B`)
}

function feed(
  operator: Operator,
  keys: readonly string[],
  values: readonly unknown[],
  fromMs: number,
  stepMs: number,
): number {
  let timestamp = fromMs
  for (let index = 0; index < values.length; index++) {
    operator.process(keys[index % keys.length], values[index], timestamp, noHeaders)
    timestamp += stepMs
  }
  return timestamp
}

function heapBytes(): number {
  globalThis.gc?.()
  return usedBytes()
}

function usedBytes(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

const wanted = process.argv[2]
const chosen = operatorCases.filter(({ name }) => wanted === undefined || name === wanted)
/** All run before any is measured: call sites know many operators then, as in a real topology. */
for (const bench of chosen) await measure(bench)
for (const bench of chosen) print(bench, await measure(bench))
