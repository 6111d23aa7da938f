import { isDeepStrictEqual } from 'node:util'
import type { Streams } from '../../../src/app.ts'
import type { Bytes } from '../../../src/core/bytes.ts'
import type { CapturedRecord } from '../../../src/testing/capture.ts'
import type { TimestampedKeyValueStore } from '../../../src/stores/port.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import type { PeerRecord } from '../../support/kafkajs-peer.ts'
import { startWatchedStreams } from '../../support/watched-streams.ts'
import { bytesOf, applicationOptions } from '../../conformance/run-vector.ts'
import { jsonOf } from '../../conformance/store-rows.ts'
import { subtopologiesOf } from '../../conformance/subtopologies.ts'
import { serdeOf } from '../../conformance/vector-serdes.ts'
import { buildVectorTopology } from '../../conformance/vector-topology.ts'
import type { Vector, VectorPipe, VectorRecord, VectorTypes } from '../../conformance/vector.ts'

const barrierTimeoutMs = 60_000

/** Records by topic, without the steps, which a broker does not know. */
export type Outputs = Readonly<Record<string, readonly Omit<VectorRecord, 'step'>[]>>

/** The scenario with all its topics prefixed, so that many can share a cluster. */
export function prefixed(vector: Vector, prefix: string): Vector {
  const name = (topic: string) => `${prefix}${topic}`
  const keys = <T>(map: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(map).map(([topic, value]) => [name(topic), value]))
  return {
    ...vector,
    config: {
      ...vector.config,
      ...(vector.config.deadLetterTopic === undefined ? {} : { deadLetterTopic: name(vector.config.deadLetterTopic) }),
    },
    topology: vector.topology.map((step) => ({
      ...step,
      ...(step.topic === undefined ? {} : { topic: name(step.topic) }),
      ...(step.topics === undefined ? {} : { topics: step.topics.map(name) }),
    })),
    steps: vector.steps.map((step) =>
      'pipe' in step ? { pipe: { ...step.pipe, topic: name(step.pipe.topic) } } : step,
    ),
    topics: { inputs: keys(vector.topics.inputs), outputs: keys(vector.topics.outputs) },
    expect: { ...vector.expect, outputs: keys(vector.expect.outputs ?? {}) },
  }
}

/**
 * Runs a scenario with real stream threads: each input is written by kafkajs, then everything that it causes is waited
 * for, as the scenario's results were taken. Returns what kafkajs reads from the output topics.
 */
export async function runOnBroker(
  vector: Vector,
  applicationId: string,
  bootstrap: string,
  stateDirectory: string,
): Promise<Outputs> {
  const peer = await KafkajsPeer.connect(bootstrap)
  try {
    return await runWith(peer, vector, applicationId, bootstrap, stateDirectory)
  } finally {
    await peer.close()
  }
}

async function runWith(
  peer: KafkajsPeer,
  vector: Vector,
  applicationId: string,
  bootstrap: string,
  stateDirectory: string,
): Promise<Outputs> {
  const outputs = Object.keys(vector.expect.outputs ?? {})
  const deadLetters = vector.config.deadLetterTopic ?? []
  const created = new Set([...Object.keys(vector.topics.inputs), ...outputs, ...[deadLetters].flat()])
  const configEntries = [{ name: 'retention.ms', value: '-1' }]
  await peer.admin.createTopics({
    waitForLeaders: false,
    topics: [...created].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1, configEntries })),
  })
  for (const topic of created) await untilServed(peer, topic)
  const topology = buildVectorTopology(vector)
  const streams = await startWatchedStreams(
    {
      ...applicationOptions(vector),
      applicationId,
      kafka: { bootstrap: bootstrap.split(',') },
      stateDirectory,
      groupProtocol: 'classic',
      heartbeatIntervalMs: 300,
      sessionTimeoutMs: 30_000,
      // In each round: what a record cache tells must not depend on how fast a repartition record comes back.
      commitIntervalMs: 0,
      producerLingerMs: 0,
      pollMs: 10,
    },
    topology,
  )
  try {
    const barrier = new Barrier(topology, applicationId, streams, peer)
    for (const step of vector.steps) {
      if ('pipe' in step) await feed(vector, step.pipe, topology, streams, peer, barrier)
    }
  } finally {
    await streams.close()
  }
  const read: { [topic: string]: readonly Omit<VectorRecord, 'step'>[] } = {}
  for (const topic of outputs) {
    const records = await peer.readAll(topic)
    read[topic] = records.map((record) => vectorRecord(record, topic, vector.topics.outputs[topic]))
  }
  return read
}

/** kafkajs fails on topics that the broker has not heard of yet. */
async function endOf(peer: KafkajsPeer, topic: string): Promise<number | undefined> {
  const [end] = await peer.admin.fetchTopicOffsets(topic).catch(() => [])
  return end === undefined ? undefined : Number(end.offset)
}

async function untilServed(peer: KafkajsPeer, topic: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await endOf(peer, topic)) !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`topic ${topic} was made, but no broker serves it`)
}

async function feed(
  vector: Vector,
  pipe: VectorPipe,
  topology: Topology,
  streams: Streams,
  peer: KafkajsPeer,
  barrier: Barrier,
): Promise<void> {
  const record = bytesOf(vector, pipe)
  await peer.send(record.topic, [messageOf(record)])
  const globalStore = [...topology.globalStores].find(([, topic]) => topic === pipe.topic)?.[0]
  if (globalStore !== undefined) await untilGlobal(streams, globalStore, pipe)
  await barrier.pass()
}

function messageOf({ key, value, timestamp, headers }: CapturedRecord) {
  const names: { [name: string]: Buffer[] } = {}
  for (const header of headers) (names[header.key] ??= []).push(Buffer.from(header.value ?? []))
  return { key: bufferOf(key), value: bufferOf(value), timestampMs: timestamp, partition: 0, headers: names }
}

function bufferOf(bytes: Bytes | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

async function untilGlobal(streams: Streams, storeName: string, { key, value, timestamp }: VectorPipe): Promise<void> {
  if (key === null || key === undefined) return
  await eventually(`global store ${storeName}`, streams, async () => {
    const store = streams.application.store(storeName) as TimestampedKeyValueStore<unknown, unknown> | undefined
    const row = store?.get(key)
    if (value === null || value === undefined) return row === undefined
    return row?.timestamp === timestamp && isDeepStrictEqual(row.value, value)
  })
}

/** Waits until everything in the application's topics is processed and committed. */
class Barrier {
  readonly #topics: readonly string[]
  readonly #streams: Streams
  readonly #peer: KafkajsPeer

  constructor(topology: Topology, applicationId: string, streams: Streams, peer: KafkajsPeer) {
    const globals = new Set(topology.globalStores.values())
    const topics = subtopologiesOf(topology, applicationId).flatMap(({ sources }) => sources)
    this.#topics = [...new Set(topics)].filter((topic) => !globals.has(topic))
    this.#streams = streams
    this.#peer = peer
  }

  async pass(): Promise<void> {
    await eventually(`offsets of ${this.#topics.join(', ')}`, this.#streams, async () => {
      // A commit follows the outputs of what it commits: ends that are asked for later tell of all of them.
      const committed = this.#committed()
      for (const topic of this.#topics) {
        if ((await endOf(this.#peer, topic)) !== (committed.get(topic) ?? 0)) return false
      }
      return true
    })
  }

  #committed(): ReadonlyMap<string, number> {
    const partitions = this.#streams.application.status().tasks.flatMap((task) => task.partitions)
    return new Map(partitions.map(({ topic, committedOffset }) => [topic, committedOffset ?? 0]))
  }
}

async function eventually(what: string, streams: Streams, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + barrierTimeoutMs
  while (!(await isSo())) {
    if (streams.application.failure !== undefined) throw streams.application.failure
    if (Date.now() > deadline) throw new Error(`waited ${barrierTimeoutMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function vectorRecord(record: PeerRecord, topic: string, types: VectorTypes | undefined): Omit<VectorRecord, 'step'> {
  const headers = Object.entries(record.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((part) => [name, part.toString()] as const),
  )
  const kept = headers.filter(([name]) => name !== '__streams.errors.stacktrace')
  const shared = { timestamp: record.timestampMs, ...(kept.length === 0 ? {} : { headers: kept }) }
  if (types === undefined) {
    const hex = (bytes: Buffer | null) => bytes?.toString('hex') ?? null
    return { keyHex: hex(record.key), valueHex: hex(record.value), ...shared }
  }
  const json = (bytes: Buffer | null, type: VectorTypes['key']) =>
    bytes === null ? null : jsonOf(serdeOf(type).deserialize(bytes, topic, []))
  return { key: json(record.key, types.key), value: json(record.value, types.value), ...shared }
}
