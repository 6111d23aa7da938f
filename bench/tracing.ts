import type { TracingOptions } from '../src/core/tracing.ts'
import { noHeaders } from '../src/core/headers.ts'
import { silentLogger, StreamsBuilder, string } from '../src/index.ts'
import type { RecordBatch } from '../src/kafka/record-batch.ts'
import { OtlpTracer } from '../src/ops/index.ts'
import { noStores } from '../src/runtime/task/no-stores.ts'
import { RecordTracing } from '../src/runtime/task/record-tracing.ts'
import type { Task } from '../src/runtime/task/task.ts'
import { systemClock } from '../src/core/clock.ts'
import { CaptureProducer } from '../src/testing/capture.ts'
import { draftPlainTask } from '../test/support/plain-task.ts'
import { median } from './median.ts'

/**
 * What tracing costs a record: a task with a source, three operators and a sink, from the bytes of the input to those of
 * the output, without a broker. `off` is an application without `tracing`; the others say which share of the records is
 * traced. Spans are made and dropped: what sends them works in the background. All cases alternate in one process.
 */
const records = 20_000
const rounds = Number(process.argv[2] ?? 25)

const builder = new StreamsBuilder()
builder
  .stream('in', { key: string(), value: string() })
  .mapValues((value) => `${value}!`)
  .filter((_, value) => value !== '')
  .mapValues((value) => value.length)
  .mapValues(String)
  .to('out', { value: string() })
const topology = builder.build()

class NullProducer extends CaptureProducer {
  override send(): void {}
}

function taskWith(tracing: TracingOptions | undefined): Task {
  const draft = draftPlainTask(topology, new NullProducer(), {
    tracing: tracing && new RecordTracing(tracing, systemClock, silentLogger),
    clock: systemClock,
  })
  const task = draft.finish(noStores, new Map())
  task.open([])
  return task
}

const [key, value] = [Buffer.from('key'), Buffer.from('a value of some length')]

function batchAt(first: number): RecordBatch {
  return {
    topic: 'in',
    partition: 0,
    topicId: '',
    count: records,
    byteLength: records,
    nextOffset: first + records,
    offset: (index) => first + index,
    timestamp: (index) => first + index,
    key: () => key,
    value: () => value,
    headers: () => noHeaders,
  }
}

function measure(task: Task, first: number): number {
  task.add(batchAt(first))
  const before = process.cpuUsage()
  if (task.process(records) !== records) throw new Error('not all records were processed')
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / records
}

const tracer = new OtlpTracer({
  url: 'http://127.0.0.1:9/v1/traces',
  serviceName: 'bench',
  spansMax: 0,
  logger: silentLogger,
})
const cases = [
  { name: 'off', task: taskWith(undefined) },
  { name: 'on, no record', task: taskWith({ tracer, sampleRatio: 0 }) },
  { name: 'on, 1 %', task: taskWith({ tracer, sampleRatio: 0.01 }) },
  { name: 'on, all', task: taskWith({ tracer, sampleRatio: 1 }) },
].map((one) => ({ ...one, costs: [] as number[] }))

// The first rounds are those in which functions become machine code.
for (let round = 0; round < rounds + 3; round++) {
  for (const { task, costs } of cases) {
    const ns = measure(task, round * records)
    if (round >= 3) costs.push(ns)
  }
}
console.log(`${records} records, median of ${rounds} rounds; CPU time of a record, and its ratio to off`)
const off = median(cases[0]?.costs ?? [])
for (const { name, costs } of cases) {
  const ns = median(costs)
  console.log(`${name.padEnd(14)} ${ns.toFixed(0).padStart(6)} ns ${(ns / off).toFixed(2).padStart(6)}`)
}
await tracer.close()
