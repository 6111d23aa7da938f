import { MillraceError } from '../../src/core/errors.ts'
import { joinWindows, tumblingWindows } from '../../src/dsl/window-definitions.ts'
import { untilWindowCloses } from '../../src/dsl/suppress.ts'
import { keyValueStore } from '../../src/dsl/store-definitions.ts'
import { StreamsBuilder } from '../../src/dsl/streams-builder.ts'
import { string } from '../../src/serde/primitives.ts'
import type { KeyValueStore } from '../../src/stores/port.ts'
import type { ProcessorSupplier } from '../../src/topology/processor-api.ts'
import type { Topology } from '../../src/topology/topology.ts'
import type { PartName } from './history.ts'

const texts = { key: string(), value: string() }

export const windowMs = 1000
/** Of the windows that close; no input is later. */
export const graceMs = 500
/** To both sides. */
export const differenceMs = 300
const heldMs = 300
/** Longer than a history: none of its records is late. */
const longMs = 3_600_000

/** What a part reads and writes, and the repartition topics between. */
export interface PartTopics {
  readonly inputs: readonly string[]
  readonly repartitions: readonly string[]
  readonly output: string
}

export const partTopics: Readonly<Record<PartName, PartTopics>> = {
  stateless: { inputs: ['lines'], repartitions: [], output: 'copies' },
  windows: { inputs: ['events'], repartitions: ['groups'], output: 'lists' },
  tables: { inputs: ['users', 'profiles'], repartitions: [], output: 'joined' },
  streams: { inputs: ['lefts', 'rights'], repartitions: [], output: 'pairs' },
  deduplicate: { inputs: ['requests'], repartitions: [], output: 'once' },
  suppress: { inputs: ['clicks'], repartitions: [], output: 'closed' },
  held: { inputs: ['tickets'], repartitions: [], output: 'handled' },
}

/** Errors that a function of the topology is still to throw. */
export interface Stumbles {
  left: number
  happened: () => void
}

function stumble(stumbles: Stumbles): void {
  if (stumbles.left === 0) return
  stumbles.left--
  stumbles.happened()
  throw new MillraceError<'STUMBLED'>('STUMBLED', 'retriable', 'a service is away: try again')
}

/** Two results of each record, between which it may fail. */
function twice(stumbles: Stumbles): ProcessorSupplier<string, string, string, string> {
  return {
    create: () => {
      let forward: (key: string, value: string, timestamp: number) => void = () => {}
      return {
        init(context) {
          forward = (key, value, timestamp) => context.forward({ key, value, timestamp })
        },
        process({ key, value, timestamp }) {
          forward(key, `${value}/a`, timestamp)
          stumble(stumbles)
          forward(key, `${value}/b`, timestamp)
        },
      }
    },
  }
}

/** Keeps each record until the clock says so: results that come without a record. */
function holder(stumbles: Stumbles): ProcessorSupplier<string, string, string, string> {
  return {
    stores: [keyValueStore({ name: 'held', key: string(), value: string() })],
    create: () => {
      let held: KeyValueStore<string, string> | undefined
      return {
        init(context) {
          const store = context.getStateStore<KeyValueStore<string, string>>('held')
          held = store
          context.schedule(heldMs, 'wall-clock-time', (timestamp) => {
            for (const { key, value } of [...store.all()]) {
              context.forward({ key: value.slice(value.indexOf(' ') + 1), value: value.split(' ')[0] ?? '', timestamp })
              store.delete(key)
            }
          })
        },
        process({ key, value }) {
          held?.put(value, `${value} ${key}`)
          stumble(stumbles)
        },
      }
    },
  }
}

const append = (list: string, value: string) => (list === '' ? value : `${list} ${value}`)

const build: Readonly<Record<PartName, (builder: StreamsBuilder, stumbles: Stumbles) => void>> = {
  stateless(builder, stumbles) {
    builder.stream('lines', texts).process(twice(stumbles)).to('copies', texts)
  },
  windows(builder) {
    builder
      .stream('events', texts)
      .groupBy((_key, value) => value.slice(value.indexOf('-') + 1), { name: 'groups', ...texts })
      .windowedBy(tumblingWindows({ sizeMs: windowMs, graceMs: longMs }))
      .aggregate(
        () => '',
        (_key, value, list) => append(list, value),
        { store: 'lists', value: string() },
      )
      .toStream(({ key, window }) => `${key}@${window.startMs}`)
      .to('lists', texts)
  },
  tables(builder) {
    const profiles = builder.table('profiles', { ...texts, store: 'profiles' })
    builder
      .table('users', { ...texts, store: 'users' })
      .join(profiles, (user, profile) => `${user}+${profile}`)
      .toStream()
      .to('joined', texts)
  },
  streams(builder) {
    const rights = builder.stream('rights', texts)
    builder
      .stream('lefts', texts)
      .outerJoin(rights, (left, right) => `${left ?? ''}|${right ?? ''}`, {
        name: 'pair',
        windows: joinWindows({ differenceMs, graceMs: longMs }),
      })
      .to('pairs', texts)
  },
  deduplicate(builder) {
    builder
      .stream('requests', texts)
      .deduplicate({ id: (key) => key, idSerde: string(), ttlMs: longMs, store: 'seen' })
      .to('once', texts)
  },
  held(builder, stumbles) {
    builder.stream('tickets', texts).process(holder(stumbles)).to('handled', texts)
  },
  suppress(builder) {
    builder
      .stream('clicks', texts)
      .groupByKey()
      .windowedBy(tumblingWindows({ sizeMs: windowMs, graceMs }))
      .aggregate(
        () => '',
        (_key, value, list) => append(list, value),
        { store: 'clicks', value: string() },
      )
      .suppress(untilWindowCloses())
      .toStream(({ key, window }) => `${key}@${window.startMs}`)
      .to('closed', texts)
  },
}

export function buildTopology(parts: readonly PartName[], stumbles: Stumbles): Topology {
  const builder = new StreamsBuilder()
  for (const part of parts) build[part](builder, stumbles)
  return builder.build()
}
