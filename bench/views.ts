import { json, jsonView, type JsonView, type Serde } from '../src/index.ts'

/**
 * Processor time of a JSON log of about 320 bytes through serdes: read whole or as a view, one field of it read, a field
 * changed and written back. `npm run bench -- views [rounds]` runs all ways in turn and prints each beside JSON.parse of
 * the same round: the ratios hold where the times do not.
 */
interface LogFields {
  readonly level: string
  readonly timestamp?: number
  readonly attempt?: number
  readonly seen?: boolean
}

interface Way {
  readonly name: string
  readonly run: (bytes: Buffer) => unknown
}

const records = 20_000
const rounds = Number(process.argv[2] ?? 15)
const levels = ['DEBUG', 'INFO', 'INFO', 'INFO', 'WARN']
const logs = jsonView<LogFields>({ level: 'string', timestamp: 'isoTime', attempt: 'number', seen: 'boolean' })
const plain = json<LogFields>()

/** In one buffer, as a batch has them. */
function makeRecords(): readonly Buffer[] {
  const texts = Array.from({ length: records }, (_, index) =>
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
  )
  const batch = Buffer.from(texts.join(''))
  let at = 0
  return texts.map((text) => batch.subarray(at, (at += Buffer.byteLength(text))))
}

const readOf = <T>(serde: Serde<T>, bytes: Buffer) => serde.deserialize(bytes, 'logs', [])
const ways: readonly Way[] = [
  { name: 'JSON.parse of the text', run: (bytes) => JSON.parse(bytes.toString()) },
  { name: 'json(), one field read', run: (bytes) => readOf(plain, bytes).level },
  { name: 'view, nothing read', run: (bytes) => readOf(logs, bytes) },
  { name: 'view, one text read', run: (bytes) => readOf(logs, bytes).level },
  { name: 'view, text, time and number read', run: (bytes) => sumOf(readOf(logs, bytes)) },
  {
    name: 'json(), a field added and written',
    run: (bytes) => plain.serialize({ ...readOf(plain, bytes), seen: true }, 'logs', []),
  },
  {
    name: 'view, a field added and written',
    run: (bytes) => logs.serialize(readOf(logs, bytes).with({ seen: true }), 'logs', []),
  },
  {
    name: 'view, a field replaced and written',
    run: (bytes) => logs.serialize(readOf(logs, bytes).with({ level: 'ERROR' }), 'logs', []),
  },
  { name: 'json(), WARN gets a field and is written', run: (bytes) => warningOf(readOf(plain, bytes)) },
  { name: 'view, WARN gets a field and is written', run: (bytes) => warningViewOf(readOf(logs, bytes)) },
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

let used = 0
function nsOf({ run }: Way, inputs: readonly Buffer[]): number {
  const before = process.cpuUsage()
  for (const bytes of inputs) if (run(bytes) !== undefined) used++
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / inputs.length
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN
}

const inputs = makeRecords()
const costs = ways.map((): number[] => [])
for (const way of ways) nsOf(way, inputs)
for (let round = 0; round < rounds; round++)
  for (const [index, way] of ways.entries()) costs[index]?.push(nsOf(way, inputs))
const [parse = []] = costs
const bytes = inputs.reduce((sum, { length }) => sum + length, 0) / records
console.log(
  `${bytes.toFixed(0)} bytes a record, ${used} results, median of ${rounds} rounds`.padEnd(50) + 'ns  JSON.parse takes',
)
for (const [index, { name }] of ways.entries()) {
  const ratios = (costs[index] ?? []).map((ns, round) => (parse[round] ?? Number.NaN) / ns)
  console.log(
    `  ${name.padEnd(42)} ${median(costs[index] ?? [])
      .toFixed(0)
      .padStart(8)} ${median(ratios).toFixed(2).padStart(8)} times`,
  )
}
