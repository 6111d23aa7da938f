import { avro, type AvroView, avroView, type Serde } from '../src/index.ts'
import { printTimedWays, type Way } from './timed-ways.ts'
import { ValueBatch } from './value-batch.ts'

/**
 * Processor time of an Avro log of about 200 bytes through serdes: decoded whole or as a view in batches, some fields of
 * it read, a field changed and written back. `npm run bench -- avro-views [rounds]` runs all ways in turn and prints each
 * beside the whole decoding of the same round: the ratios hold where the times do not.
 */
interface LogFields {
  readonly level: string
  readonly timestamp: number
  readonly service: string
  readonly attempt: number | null
}

const records = 20_000
const batchRecords = 200
const rounds = Number(process.argv[2] ?? 15)
const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR']
const schema = {
  type: 'record',
  name: 'Log',
  fields: [
    { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'level', type: { type: 'enum', name: 'Level', symbols: levels } },
    { name: 'service', type: 'string' },
    { name: 'component', type: ['null', 'string'] },
    { name: 'message', type: 'string' },
    { name: 'host', type: 'string' },
    { name: 'traceId', type: ['null', 'string'] },
    { name: 'attempt', type: ['null', 'int'] },
    { name: 'durationMs', type: 'double' },
    { name: 'statusCode', type: 'int' },
    { name: 'labels', type: { type: 'map', values: 'string' } },
  ],
}
const plain = avro<LogFields>(schema)
const views = avroView<LogFields>(schema)

function makeBatches(): readonly ValueBatch[] {
  const values = Array.from({ length: records }, (_, index) =>
    plain.serialize(
      {
        timestamp: 1_795_507_199_000 + index * 7,
        level: levels[index % 5] ?? 'INFO',
        service: `shop-${index % 40}`,
        component: 'checkout',
        message: `payment ${index} was taken by the bank after ${index % 900} ms, and the order is on its way`,
        host: `node-${index % 25}.eu-west-1.internal`,
        traceId: `${(index * 2_654_435_761).toString(16).padStart(16, '0')}`,
        attempt: index % 4,
        durationMs: (index % 900) / 10,
        statusCode: 200,
        labels: { region: 'eu-west-1', zone: 'b' },
      } as LogFields,
      'logs',
      [],
    ),
  )
  const starts = Array.from({ length: records / batchRecords }, (_, index) => index * batchRecords)
  return starts.map((start) => new ValueBatch(values.slice(start, start + batchRecords)))
}

let used = 0

function whole(name: string, run: (log: LogFields) => unknown): Way {
  return {
    name: `avro(), ${name}`,
    run: (batch) => {
      for (let index = 0; index < batch.count; index++) {
        const start = batch.start(index)
        const bytes = batch.bytes.subarray(start, start + batch.length(index))
        if (run(plain.deserialize(bytes, 'logs', [])) !== undefined) used++
      }
    },
  }
}

function view(name: string, run: (log: AvroView<LogFields>) => unknown): Way {
  return {
    name: `avroView(), ${name}`,
    run: (batch) => {
      const reader = views.readBatch?.(batch, 'logs')
      if (reader === undefined) throw new Error('avroView reads no batches')
      for (let index = 0; index < batch.count; index++) if (run(reader.read(index, [])) !== undefined) used++
    },
  }
}

const written = <T>(serde: Serde<T>, log: T) => serde.serialize(log, 'logs', [])
const sumOf = ({ level, timestamp, attempt }: LogFields) => level.length + timestamp + (attempt ?? 0)
const ways: readonly Way[] = [
  whole('one field read', ({ level }) => level),
  view('nothing read', (log) => log),
  view('one field read', ({ level }) => level),
  view('a choice, a time and a number read', sumOf),
  view('all as an object', (log) => log.toObject()),
  whole('written again', (log) => written(plain, log)),
  view('written again', (log) => written(views, log)),
  whole('a field changed and written', (log) => written(plain, { ...log, attempt: 5 })),
  view('a field changed and written', (log) => written(views, log.with({ attempt: 5 }))),
  whole('WARN is changed and written', (log) => (log.level === 'WARN' ? written(plain, { ...log, attempt: 5 }) : null)),
  view('WARN is changed and written', (log) =>
    log.level === 'WARN' ? written(views, log.with({ attempt: 5 })) : null,
  ),
]

printTimedWays({
  ways,
  inputs: makeBatches(),
  rounds,
  used: () => used,
  column: 'part of whole decoding',
  ratio: (ns, wholeNs) => ns / wholeNs,
})
