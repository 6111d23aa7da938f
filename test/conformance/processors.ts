import type {
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  Processor,
  ProcessorContext,
  StreamRecord,
} from '../../src/index.ts'
import type {
  KeyValueStore,
  StateStore,
  TimestampedKeyValueStore,
  VersionedKeyValueStore,
  VersionedRecord,
  WindowStore,
} from '../../src/stores/port.ts'
import { versionedPutNotStored } from '../../src/stores/port.ts'
import { illegalState, pipeline, textOf } from './functions.ts'
import type { VectorType } from './vector.ts'

type Context = ProcessorContext<unknown, unknown>
type AnyRecord = StreamRecord<unknown, unknown>
type Arguments = Readonly<{ [name: string]: unknown }>

/** What a named processor makes of its types, and how it is made. */
export interface NamedProcessor {
  readonly keyType: VectorType
  readonly valueType: VectorType
  create(): Processor<unknown, unknown, unknown, unknown>
}

/** A processor as two functions: what to do at first, what with each record. */
function processor(
  setUp: (context: Context) => (record: AnyRecord) => void,
): () => Processor<unknown, unknown, unknown, unknown> {
  return () => {
    let handle: (record: AnyRecord) => void = () => {}
    return {
      init(context) {
        handle = setUp(context)
      },
      process: (record) => handle(record),
    }
  }
}

interface Given {
  readonly keyType: VectorType
  readonly valueType: VectorType
  readonly store: string
  number(name: string): number
  text(name: string): string
  flag(name: string): boolean
}

function given(args: Arguments, keyType: VectorType, valueType: VectorType): Given {
  return {
    keyType,
    valueType,
    store: String(args.store ?? ''),
    number: (name) => Number(args[name] ?? 0),
    text: (name) => String(args[name] ?? ''),
    flag: (name) => args[name] === true,
  }
}

const keyValueKinds = ['key-value', 'timestamped-key-value', 'lru']

/** The store, or what Java's cast to its class would throw. */
function storeOf<S extends StateStore>(
  context: { getStateStore(name: string): StateStore },
  name: string,
  ...kinds: readonly string[]
): S {
  const store = context.getStateStore(name)
  if (kinds.includes(store.kind)) return store as S
  throw new TypeError(`store ${name} is of kind ${store.kind}, not ${kinds.join(' or ')}`)
}

type Maker = (args: Given) => () => Processor<unknown, unknown, unknown, unknown>

const identity: Maker = () => processor((context) => (record) => context.forward(record))

const tagStreamTime: Maker = ({ valueType }) =>
  processor((context) => (record) => {
    context.forward({ ...record, value: `${textOf(record.value, valueType)}@${context.currentStreamTimeMs()}` })
  })

const tagMetadata: Maker = ({ valueType }) =>
  processor((context) => (record) => {
    const metadata = context.recordMetadata()
    const place = metadata ? `${metadata.topic || 'null'}/${metadata.partition}/${metadata.offset}` : 'none'
    context.forward({ ...record, value: `${textOf(record.value, valueType)}@${place}` })
  })

const addHeader: Maker = (args) =>
  processor((context) => (record) => {
    const header = { key: args.text('header'), value: Buffer.from(args.text('headerValue')) }
    context.forward({ ...record, headers: [...record.headers, header] })
  })

const shiftTimestamp: Maker = (args) =>
  processor((context) => (record) => context.forward({ ...record, timestamp: record.timestamp + args.number('by') }))

const dedupe: Maker = (args) =>
  processor((context) => {
    const store = storeOf<WindowStore<unknown, unknown>>(context, args.store, 'window')
    const id = pipeline(args.text('id'), args.keyType, args.valueType)
    const ttlMs = args.number('ttl')
    return (record) => {
      const seenId = id.evaluate(record.key, record.value)
      if (seenId === null) return context.forward(record)
      const [seen] = [...store.fetch(seenId, record.timestamp - ttlMs, record.timestamp + ttlMs)]
      store.put(seenId, record.timestamp, record.timestamp)
      if (seen === undefined) context.forward(record)
    }
  })

const counting =
  (type: 'stream-time' | 'wall-clock-time'): Maker =>
  (args) =>
    processor((context) => {
      const store = storeOf<KeyValueStore<unknown, number>>(context, args.store, ...keyValueKinds)
      context.schedule(args.number('interval'), type, (timestamp) => {
        for (const { key, value } of [...store.all()]) {
          context.forward({ key, value, timestamp, headers: [] })
          if (args.flag('reset')) store.delete(key)
        }
      })
      return ({ key }) => {
        if (key !== null && key !== undefined) store.put(key, (store.get(key) ?? 0) + 1)
      }
    })

const punctuationType = (args: Given) => (args.flag('wallClock') ? 'wall-clock-time' : 'stream-time')

const oneShot: Maker = (args) =>
  processor((context) => {
    let fired = 0
    let lastKey: unknown = null
    const punctuation = context.schedule(args.number('interval'), punctuationType(args), (timestamp) => {
      fired += 1
      context.forward({ key: lastKey, value: `fire${fired}@${timestamp}`, timestamp, headers: [] })
      if (fired >= Math.max(1, args.number('times'))) punctuation.cancel()
    })
    return (record) => {
      lastKey = record.key
      context.forward({ ...record, value: textOf(record.value, args.valueType) })
    }
  })

const punctuateInfo: Maker = (args) =>
  processor((context) => {
    let lastKey: unknown = null
    const label = args.text('label') || 'p'
    context.schedule(args.number('interval'), punctuationType(args), (timestamp) => {
      const meta = context.recordMetadata() !== undefined
      const value = `${label} ts=${timestamp} stream=${context.currentStreamTimeMs()} wall=${context.currentSystemTimeMs()} meta=${meta}`
      context.forward({ key: lastKey, value, timestamp, headers: [] })
    })
    return (record) => {
      lastKey = record.key
    }
  })

const expire: Maker = (args) =>
  processor((context) => {
    const store = storeOf<KeyValueStore<unknown, number>>(context, args.store, ...keyValueKinds)
    context.schedule(args.number('interval'), 'stream-time', (timestamp) => {
      for (const { key, value } of [...store.all()]) {
        if (value > timestamp - args.number('ttl')) continue
        store.delete(key)
        context.forward({ key, value: null, timestamp, headers: [] })
      }
    })
    return (record) => {
      if (record.key === null) return
      store.put(record.key, record.timestamp)
      context.forward(record)
    }
  })

function versionText(record: VersionedRecord<unknown> | undefined, type: VectorType): string {
  if (record === undefined) return 'null'
  return `${textOf(record.value, type)}@${record.timestamp}${record.validTo === undefined ? '' : `..${record.validTo}`}`
}

const versionedGet: Maker = ({ store: name, valueType, number }) =>
  processor((context) => {
    const store = storeOf<VersionedKeyValueStore<unknown, unknown>>(context, name, 'versioned')
    return (record) => {
      const { key, value, timestamp } = record
      if (key === null) return
      const result = store.put(key, value, timestamp)
      const validTo = result === undefined ? 'undefined' : result === versionedPutNotStored ? 'notPut' : String(result)
      const latest = versionText(store.get(key), valueType)
      const asOf = versionText(store.getAsOf(key, timestamp - number('back')), valueType)
      context.forward({ ...record, value: `validTo=${validTo} latest=${latest} asOf=${asOf}` })
    }
  })

const tableLookup: Maker = ({ store: name, valueType }) =>
  processor((context) => {
    const store = storeOf<TimestampedKeyValueStore<unknown, unknown>>(context, name, ...keyValueKinds)
    return (record) => {
      const row = record.key === null ? undefined : store.get(record.key)
      const found = row === undefined ? 'null' : `${textOf(row.value, valueType)}@${row.timestamp}`
      context.forward({ ...record, value: `${textOf(record.value, valueType)}/${found}` })
    }
  })

const putStore: Maker = ({ store: name, valueType }) =>
  processor((context) => {
    const store = storeOf<KeyValueStore<unknown, unknown>>(context, name, ...keyValueKinds)
    return (record) => {
      if (record.key === null) return
      const before = store.get(record.key)
      store.put(record.key, record.value)
      context.forward({ ...record, value: `${textOf(before, valueType)}:${textOf(record.value, valueType)}` })
    }
  })

/** Java's trim: control characters go too. */
function trimmed(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1
  return text.slice(from, to)
}

const rangeScan: Maker = ({ store: name, keyType, valueType }) =>
  processor((context) => {
    const store = storeOf<KeyValueStore<unknown, unknown>>(context, name, ...keyValueKinds)
    return (record) => {
      store.put(record.key, record.value)
      const rows = [...store.all()].map(({ key, value }) => `${textOf(key, keyType)}=${textOf(value, valueType)}`)
      const keys = [...store.reverseAll()].map(({ key }) => textOf(key, keyType))
      context.forward({ ...record, value: trimmed([...rows, '|', ...keys].join(' ')) })
    }
  })

const windowPut: Maker = ({ store: name, valueType, number }) =>
  processor((context) => {
    const store = storeOf<WindowStore<unknown, unknown>>(context, name, 'window')
    return (record) => {
      const { key, value, timestamp } = record
      store.put(key, value, timestamp)
      const rows = [...store.fetch(key, Math.max(0, timestamp - number('back')), timestamp + number('fwd'))]
      context.forward({
        ...record,
        value: trimmed(rows.map((row) => `${row.startMs}=${textOf(row.value, valueType)}`).join(' ')),
      })
    }
  })

const router: Maker = ({ text }) =>
  processor((context) => (record) => {
    if (record.value === null) context.forward(record)
    else context.forward(record, (record.value as number) % 2 === 0 ? text('even') : text('odd'))
  })

const failOn: Maker = ({ text, valueType }) =>
  processor((context) => (record) => {
    if (textOf(record.value, valueType) === text('value')) throw illegalState(`failOn ${text('value')}`)
    context.forward(record)
  })

const makers: { readonly [name: string]: readonly [Maker, VectorType?] } = {
  identity: [identity],
  tagStreamTime: [tagStreamTime, 'string'],
  tagMetadata: [tagMetadata, 'string'],
  addHeader: [addHeader],
  shiftTimestamp: [shiftTimestamp],
  dedupe: [dedupe],
  countStreamTime: [counting('stream-time'), 'long'],
  countWallClock: [counting('wall-clock-time'), 'long'],
  oneShot: [oneShot, 'string'],
  punctuateInfo: [punctuateInfo, 'string'],
  expire: [expire],
  versionedGet: [versionedGet, 'string'],
  tableLookup: [tableLookup, 'string'],
  putStore: [putStore, 'string'],
  rangeScan: [rangeScan, 'string'],
  windowPut: [windowPut, 'string'],
  router: [router],
  failOn: [failOn],
}

export function namedProcessor(
  name: string,
  args: Arguments,
  keyType: VectorType,
  valueType: VectorType,
): NamedProcessor {
  const found = makers[name]
  if (!found) throw new Error(`unknown processor ${name}`)
  const [maker, result] = found
  return { keyType, valueType: result ?? valueType, create: maker(given(args, keyType, valueType)) }
}

type FixedKey = FixedKeyProcessor<unknown, unknown, unknown>

export function namedFixedKeyProcessor(
  name: string,
  args: Arguments,
  valueType: VectorType,
): { readonly valueType: VectorType; create(): FixedKey } {
  switch (name) {
    case 'tagStreamTime':
      return { valueType: 'string', create: () => fixedTagStreamTime(valueType) }
    case 'runningCount':
      return { valueType: 'long', create: () => runningCount(String(args.store)) }
    default:
      throw new Error(`unknown fixed-key processor ${name}`)
  }
}

function fixedTagStreamTime(valueType: VectorType): FixedKey {
  let context: FixedKeyProcessorContext<unknown, unknown>
  return {
    init: (given) => {
      context = given
    },
    process: (record) =>
      context.forward({ ...record, value: `${textOf(record.value, valueType)}@${context.currentStreamTimeMs()}` }),
  }
}

function runningCount(storeName: string): FixedKey {
  let context: FixedKeyProcessorContext<unknown, unknown>
  let store: KeyValueStore<unknown, number>
  return {
    init: (given) => {
      context = given
      store = storeOf(given, storeName, ...keyValueKinds)
    },
    process(record) {
      if (record.key === null) return
      const count = (store.get(record.key) ?? 0) + 1
      store.put(record.key, count)
      context.forward({ ...record, value: count })
    },
  }
}
