import type { KTable } from '../../../src/dsl/handles/k-table.ts'
import { StreamsBuilder } from '../../../src/dsl/streams-builder.ts'
import { string } from '../../../src/serde/primitives.ts'
import type { Windowed } from '../../../src/stores/port.ts'
import type { StoreEngine } from '../../../src/stores/store-spec.ts'
import { type TestDriverOptions, TopologyTestDriver } from '../../../src/testing/topology-test-driver.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import type { Event, Outputs } from './history.ts'

export const texts = { key: string(), value: string() }

export const driverOptions: TestDriverOptions = {
  cacheBytesMax: 0,
  joinEmitIntervalMs: 0,
  windowEmitIntervalMs: 0,
}

/** Runs histories through a topology of texts that ends in topic `out`, each from the start; the wall clock stands at `startMs`. */
export function playTopology(topology: Topology, startMs = 0): (events: readonly Event[]) => Outputs {
  return (events) => {
    const driver = new TopologyTestDriver(topology, { ...driverOptions, startMs })
    const output = driver.createOutputTopic('out', texts)
    const inputs = new Map(topicsOf(events).map((name) => [name, driver.createInputTopic(name, texts)]))
    return events.map(({ topic, key, value, timestamp }) => {
      inputs.get(topic)?.pipeInput(key, value, timestamp)
      return output.readRecordsToList().map((record) => line(record.key, record.value, record.timestamp))
    })
  }
}

export function topicsOf(events: readonly Event[]): readonly string[] {
  return [...new Set(events.map(({ topic }) => topic))]
}

export function line(key: string | null, value: string | null, timestamp: number): string {
  return `${key} ${value}@${timestamp}`
}

export function windowText(key: string, startMs: number, endMs: number): string {
  return `${key}[${startMs},${endMs}]`
}

/** A topology by one function from builder to result. */
export function topologyOf(engine: StoreEngine, define: (builder: StreamsBuilder) => void, optimize = false): Topology {
  const builder = new StreamsBuilder({ engine })
  define(builder)
  return builder.build(optimize ? { optimize: 'all' } : {})
}

/** Sends a windowed table to `out`, its keys as text. */
export function windowedOut(table: KTable<Windowed<string>, string, true, true, null>): void {
  table.toStream(({ key, window }) => windowText(key, window.startMs, window.endMs)).to('out', texts)
}

/** An aggregator that shows what it was given and in what order; an `x` makes the aggregate vanish. */
export function trail(value: string | null, aggregate: string): string | null {
  return value?.startsWith('x') ? null : `${aggregate}.${value}`
}
