import type { Topology } from '../../src/index.ts'
import type { Bytes } from '../../src/core/bytes.ts'
import { errorCode, errorMessage, type MillraceError } from '../../src/core/errors.ts'
import type { TestDriverOptions } from '../../src/testing/topology-test-driver.ts'
import { TopologyTestDriver } from '../../src/testing/topology-test-driver.ts'
import type { CapturedRecord } from '../../src/testing/capture.ts'
import { javaExceptionOfCode } from '../../src/topology/build-error.ts'
import { jsonOf, rowsOf } from './store-rows.ts'
import { subtopologiesOf } from './subtopologies.ts'
import { serdeOf } from './vector-serdes.ts'
import { timestampOf } from './vector-options.ts'
import { buildVectorTopology } from './vector-topology.ts'
import type {
  Vector,
  VectorError,
  VectorHeaders,
  VectorPipe,
  VectorRecord,
  VectorResult,
  VectorStore,
  VectorTypes,
} from './vector.ts'

export const vectorApplicationId = 'app'
const stackTraceHeader = '__streams.errors.stacktrace'
/** Of dead letters; Java's have none of their kind (docs/differences.md). */
const ownHeaders = '__millrace.errors.'

/** Runs a scenario on the test driver. Pure: the vector's expectations are not looked at. */
export function runVector(vector: Vector): VectorResult {
  let topology: Topology
  try {
    topology = buildVectorTopology(vector)
  } catch (error) {
    return {
      error: { phase: 'build', class: javaClassOf(error) ?? (error as Error).name, message: errorMessage(error) },
    }
  }
  let driver: TopologyTestDriver
  try {
    driver = new TopologyTestDriver(topology, driverOptions(vector))
  } catch (error) {
    return { error: startErrorOf(error) }
  }
  const run = new VectorRun(vector, driver)
  const structure = structureOf(topology)
  const failed = run.feed()
  const outputs = { outputs: run.outputs, ...(vector.config.captureInternal ? { internal: run.internal } : {}) }
  const error = failed ?? structure.error
  const end = error === undefined ? { stores: run.stores(topology), dropped: driver.droppedRecords() } : { error }
  void driver.close()
  return { ...structure, ...outputs, ...end }
}

/** Kafka Streams' driver runs a topology too whose internal topics an application could not make. */
function structureOf(topology: Topology): Pick<VectorResult, 'describe' | 'subtopologies' | 'error'> {
  try {
    return { describe: topology.describe(), subtopologies: subtopologiesOf(topology, vectorApplicationId) }
  } catch (error) {
    return { error: startErrorOf(error) }
  }
}

function startErrorOf(error: unknown): VectorError {
  return { phase: 'start', class: javaClassOf(error) ?? 'StreamsException', message: errorMessage(error) }
}

/** What a driver is given of a scenario's config. */
export function driverOptions(vector: Vector): TestDriverOptions {
  return { ...applicationOptions(vector), startMs: vector.config.wallClockStart ?? 0 }
}

/** The application's options that a scenario's config stands for. */
export function applicationOptions({ config }: Vector): Omit<TestDriverOptions, 'startMs'> {
  const timestamp = timestampOf(config.extractor)
  return {
    cacheBytesMax: config.cacheBytes ?? 0,
    joinEmitIntervalMs: config.joinEmitIntervalMs ?? 0,
    windowEmitIntervalMs: config.windowEmitIntervalMs ?? 0,
    deserializationHandler: config.deserialization ?? 'fail',
    processingHandler: config.processing ?? 'fail',
    deadLetterTopic: config.deadLetterTopic,
    defaultTimestampExtractor:
      timestamp && ((record, partitionTimeMs) => timestamp(record.value, record.key, record, partitionTimeMs)),
  }
}

function javaClassOf(error: unknown): string | undefined {
  const code = errorCode(error)
  if (code === undefined || !(code in javaExceptionOfCode)) return undefined
  return javaExceptionOfCode[code as keyof typeof javaExceptionOfCode]
}

/** What a pipe step gives to its topic, as bytes. */
export function bytesOf(vector: Vector, pipe: VectorPipe): CapturedRecord {
  const types = vector.topics.inputs[pipe.topic] ?? { key: 'string', value: 'string' }
  const bytes = (hex: string | undefined, value: unknown, type: VectorTypes['key']): Bytes | null => {
    if (hex !== undefined) return Buffer.from(hex, 'hex')
    return value === null || value === undefined ? null : serdeOf(type).serialize(value, pipe.topic, [])
  }
  return {
    topic: pipe.topic,
    key: bytes(pipe.keyHex, pipe.key, types.key),
    value: bytes(pipe.valueHex, pipe.value, types.value),
    timestamp: pipe.timestamp,
    headers: (pipe.headers ?? []).map(([key, value]) => ({ key, value: value === null ? null : Buffer.from(value) })),
  }
}

/** Types of records in topics that are chosen per record: those of the last such sink. */
function dynamicTypes(vector: Vector): VectorTypes | undefined {
  const sink = vector.topology.findLast((step) => step.op === 'to' && step.topicFn !== undefined)
  const types = sink === undefined ? undefined : vector.types[String(sink.in)]
  return types?.key === undefined || types.value === undefined ? undefined : { key: types.key, value: types.value }
}

class VectorRun {
  readonly outputs: { [topic: string]: VectorRecord[] } = {}
  readonly internal: { [topic: string]: VectorRecord[] } = {}
  readonly #vector: Vector
  readonly #driver: TopologyTestDriver
  readonly #dynamicTypes: VectorTypes | undefined
  readonly #seenKeys = new Map<string, Set<string>>()
  #taken = 0

  constructor(vector: Vector, driver: TopologyTestDriver) {
    this.#vector = vector
    this.#driver = driver
    this.#dynamicTypes = dynamicTypes(vector)
    for (const topic of Object.keys(vector.topics.outputs)) this.outputs[topic] = []
  }

  /** All steps up to the first that fails. */
  feed(): VectorError | undefined {
    for (const [step, action] of this.#vector.steps.entries()) {
      try {
        if ('pipe' in action) this.#pipe(action.pipe)
        else this.#driver.advanceWallClock(action.advanceWallClock)
      } catch (error) {
        this.#take(step)
        const isFlush = (error as Partial<MillraceError> | null)?.details?.phase === 'commit'
        const name = isFlush ? 'ProcessorStateException' : 'StreamsException'
        return { phase: 'process', step, class: name, message: errorMessage(error) }
      }
      this.#take(step)
    }
    return undefined
  }

  stores(topology: Topology): { readonly [name: string]: VectorStore } {
    const stores: { [name: string]: VectorStore } = {}
    for (const [name, store] of this.#driver.getAllStateStores()) {
      const spec = topology.stores.get(name)
      if (spec !== undefined) stores[name] = rowsOf(spec, store, this.#seenKeys)
    }
    return stores
  }

  #pipe(pipe: VectorPipe): void {
    const types = this.#vector.topics.inputs[pipe.topic]
    if (types !== undefined && pipe.keyHex === undefined) this.#see(types.key, pipe.key)
    this.#driver.pipeRaw(bytesOf(this.#vector, pipe))
  }

  #see(type: VectorTypes['key'], key: unknown): void {
    if (key === null || key === undefined || typeof type !== 'string') return
    const keys = this.#seenKeys.get(type)
    const text = JSON.stringify(key)
    if (keys === undefined) this.#seenKeys.set(type, new Set([text]))
    else keys.add(text)
  }

  #take(step: number): void {
    const records = this.#driver.producedRecords()
    for (; this.#taken < records.length; this.#taken += 1) this.#add(step, records[this.#taken] as CapturedRecord)
  }

  #add(step: number, record: CapturedRecord): void {
    const { topic } = record
    const known = this.#vector.topics.outputs[topic]
    const isInternal = known === undefined && topic.startsWith(`${vectorApplicationId}-`)
    const types = known ?? (isInternal ? undefined : this.#dynamicTypes)
    const list = (isInternal ? this.internal : this.outputs)[topic] ?? []
    ;(isInternal ? this.internal : this.outputs)[topic] = list
    if (types === undefined) {
      list.push(rawRecord(step, record))
      return
    }
    const read = (bytes: Bytes | null, type: VectorTypes['key']) =>
      bytes === null ? null : jsonOf(serdeOf(type).deserialize(bytes, topic, record.headers))
    const key = read(record.key, types.key)
    this.#see(types.key, key)
    const headers = headersOf(record, (value) => Buffer.from(value).toString())
    list.push({ step, key, value: read(record.value, types.value), timestamp: record.timestamp, ...headers })
  }
}

function rawRecord(step: number, record: CapturedRecord): VectorRecord {
  const hex = (bytes: Bytes | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
  const headers = headersOf(record, (value, name) =>
    Buffer.from(value).toString(name.startsWith('__streams.errors') ? 'utf8' : 'hex'),
  )
  return { step, keyHex: hex(record.key), valueHex: hex(record.value), timestamp: record.timestamp, ...headers }
}

function headersOf(
  record: CapturedRecord,
  text: (value: Bytes, name: string) => string,
): { readonly headers?: VectorHeaders } {
  const headers = record.headers
    .filter(({ key }) => key !== stackTraceHeader && !key.startsWith(ownHeaders))
    .map(({ key, value }) => [key, value === null ? null : text(value, key)] as const)
  return headers.length === 0 ? {} : { headers }
}
