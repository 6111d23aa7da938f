import { printTimedWays, type Way } from './timed-ways.ts'
import { ValueBatch } from './value-batch.ts'
import { json, jsonView, type JsonView, type Serde } from '../src/index.ts'

/**
 * Processor time of a JSON log of about 340 bytes through serdes: read whole or as a view, one by one or in batches, one
 * field of it read, a field changed and written back. `npm run bench -- views [rounds]` runs all ways in turn and prints
 * each beside JSON.parse of the same round: the ratios hold where the times do not.
 */
interface LogFields {
  readonly level: string
  readonly timestamp?: number
  readonly attempt?: number
  readonly seen?: boolean
}

const records = 20_000
/** About 64 KB, as a broker has it. */
const batchRecords = 200
const rounds = Number(process.argv[2] ?? 15)
const levels = ['DEBUG', 'INFO', 'INFO', 'INFO', 'WARN']
const logs = jsonView<LogFields>({ level: 'string', timestamp: 'isoTime', attempt: 'number', seen: 'boolean' })
const plain = json<LogFields>()

function makeBatches(): readonly ValueBatch[] {
  const texts = Array.from({ length: records }, (_, index) =>
    Buffer.from(
      JSON.stringify({
        timestamp: new Date(1_795_507_199_000 + index * 7).toISOString(),
        level: levels[index % levels.length],
        service: `shop-${index % 40}`,
        component: 'checkout',
        message: `payment ${index} was taken by the bank after ${index % 900} ms, and the order is on its way`,
        host: `node-${index % 25}.eu-west-1.internal`,
        traceId: `${(index * 2_654_435_761).toString(16).padStart(16, '0')}`,
        attempt: index % 4,
        durationMs: (index % 900) / 10,
        statusCode: 200,
        labels: { region: 'eu-west-1', zone: 'b' },
      }),
    ),
  )
  return Array.from(
    { length: records / batchRecords },
    (_, index) => new ValueBatch(texts.slice(index * batchRecords, (index + 1) * batchRecords)),
  )
}

let used = 0
/** Each record by itself, as a serde reads what is in no batch. */
function each(name: string, run: (bytes: Buffer) => unknown): Way {
  return {
    name,
    run: (batch) => {
      for (let index = 0; index < batch.count; index++) {
        const start = batch.start(index)
        if (run(batch.bytes.subarray(start, start + batch.length(index))) !== undefined) used++
      }
    },
  }
}

/** The views of a batch. */
function ofBatch(name: string, run: (log: JsonView<LogFields>) => unknown): Way {
  return {
    name: `views of a batch, ${name}`,
    run: (batch) => {
      const reader = logs.readBatch?.(batch, 'logs')
      if (reader === undefined) throw new Error('jsonView reads no batches')
      for (let index = 0; index < batch.count; index++) if (run(reader.read(index, [])) !== undefined) used++
    },
  }
}

const readOf = <T>(serde: Serde<T>, bytes: Buffer) => serde.deserialize(bytes, 'logs', [])
const written = (log: JsonView<LogFields>) => logs.serialize(log, 'logs', [])
const ways: readonly Way[] = [
  each('JSON.parse of the text', (bytes) => JSON.parse(bytes.toString())),
  each('json(), one field read', (bytes) => readOf(plain, bytes).level),
  each('view, nothing read', (bytes) => readOf(logs, bytes)),
  ofBatch('nothing read', (log) => log),
  each('view, one text read', (bytes) => readOf(logs, bytes).level),
  ofBatch('one text read', (log) => log.level),
  each('view, text, time and number read', (bytes) => sumOf(readOf(logs, bytes))),
  ofBatch('text, time and number read', sumOf),
  each('json(), a field added and written', (bytes) =>
    plain.serialize({ ...readOf(plain, bytes), seen: true }, 'logs', []),
  ),
  ofBatch('a field added and written', (log) => written(log.with({ seen: true }))),
  ofBatch('a field replaced and written', (log) => written(log.with({ level: 'ERROR' }))),
  each('json(), WARN gets a field and is written', (bytes) => warningOf(readOf(plain, bytes))),
  each('view, WARN gets a field and is written', (bytes) => warningViewOf(readOf(logs, bytes))),
  ofBatch('WARN gets a field and is written', warningViewOf),
]

function warningOf(log: LogFields): Uint8Array | null {
  return log.level === 'WARN' ? plain.serialize({ ...log, seen: true }, 'logs', []) : null
}

function warningViewOf(log: JsonView<LogFields>): Uint8Array | null {
  return log.level === 'WARN' ? logs.serialize(log.with({ seen: true }), 'logs', []) : null
}

function sumOf({ level, timestamp = 0, attempt = 0 }: LogFields): number {
  return level.length + timestamp + attempt
}

printTimedWays({
  ways,
  inputs: makeBatches(),
  rounds,
  used: () => used,
  column: 'how many times JSON.parse takes',
  ratio: (ns, parseNs) => parseNs / ns,
})
