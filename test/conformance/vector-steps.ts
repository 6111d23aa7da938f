import type {
  CogroupedStream,
  GlobalTable,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  SessionWindowedCogroupedStream,
  SessionWindowedStream,
  StreamsBuilder,
  TimeWindowedCogroupedStream,
  TimeWindowedStream,
} from '../../src/index.ts'
import { aggregatorFunction } from './aggregators.ts'
import {
  flatMapFunction,
  flatMapValuesFunction,
  innerType,
  joinerFunction,
  pipeline,
  predicate,
  reducerFunction,
  textOf,
} from './functions.ts'
import { namedFixedKeyProcessor, namedProcessor } from './processors.ts'
import {
  aggregationOptions,
  engineOf,
  joinWindowsOf,
  storeOptions,
  storeSpecOf,
  suppressedOf,
  timestampOf,
  windowedType,
  windowsOf,
} from './vector-options.ts'
import { serdeOf } from './vector-serdes.ts'
import type { VectorStep, VectorType } from './vector.ts'

// Scenarios choose types at run time, so handles are of unknown types with known serdes.
type Stream = KStream<unknown, unknown, true, true>
type Table = KTable<unknown, unknown, true, true>

interface Typed {
  readonly key: VectorType
  readonly value: VectorType
}

/** A handle by the id of its step, with the types of its records. */
export type VectorNode = Typed &
  (
    | { readonly kind: 'stream'; readonly handle: Stream }
    | { readonly kind: 'table'; readonly handle: Table }
    | { readonly kind: 'global-table'; readonly handle: GlobalTable<unknown, unknown> }
    | { readonly kind: 'grouped-stream'; readonly handle: KGroupedStream<unknown, unknown, true> }
    | { readonly kind: 'grouped-table'; readonly handle: KGroupedTable<unknown, unknown> }
    | { readonly kind: 'windowed'; readonly handle: TimeWindowedStream<unknown, unknown, true> }
    | { readonly kind: 'session-windowed'; readonly handle: SessionWindowedStream<unknown, unknown, true> }
    | { readonly kind: 'cogrouped'; readonly handle: CogroupedStream<unknown, unknown> }
    | { readonly kind: 'windowed-cogrouped'; readonly handle: TimeWindowedCogroupedStream<unknown, unknown> }
    | { readonly kind: 'session-cogrouped'; readonly handle: SessionWindowedCogroupedStream<unknown, unknown> }
  )

type Nodes = Map<string, VectorNode>
type NodeOf<Kind extends VectorNode['kind']> = Extract<VectorNode, { kind: Kind }>

function node(nodes: Nodes, id: unknown): VectorNode {
  const found = nodes.get(String(id))
  if (!found) throw new Error(`unknown step id ${String(id)}`)
  return found
}

function nodeOf<Kind extends VectorNode['kind']>(nodes: Nodes, id: unknown, ...kinds: readonly Kind[]): NodeOf<Kind> {
  const found = node(nodes, id)
  if (!(kinds as readonly string[]).includes(found.kind))
    throw new Error(`${String(id)} is a ${found.kind}, not a ${kinds.join(' or ')}`)
  return found as NodeOf<Kind>
}

const stream = (handle: unknown, key: VectorType, value: VectorType): VectorNode => ({
  kind: 'stream',
  handle: handle as Stream,
  key,
  value,
})
const table = (handle: unknown, key: VectorType, value: VectorType): VectorNode => ({
  kind: 'table',
  handle: handle as Table,
  key,
  value,
})

/** Adds one step; its result is known by the step's id from then on. */
export function addStep(builder: StreamsBuilder, nodes: Nodes, step: VectorStep): void {
  const add = adders[step.op]
  if (!add) throw new Error(`unknown op ${step.op}`)
  const made = add(builder, nodes, step)
  if (made) nodes.set(step.id ?? '', made)
}

type Add = (builder: StreamsBuilder, nodes: Nodes, step: VectorStep) => VectorNode | undefined

function sourceOptions(step: VectorStep) {
  const { key = 'string', value = 'string' } = step
  return {
    name: step.named,
    key: serdeOf(key),
    value: serdeOf(value),
    timestamp: timestampOf(step.extractor),
    offsetReset: step.offsetReset,
  }
}

const addStream: Add = (builder, _, step) => {
  const { key = 'string', value = 'string', topic = '' } = step
  const topics = step.pattern === undefined ? (step.topics ?? topic) : new RegExp(step.pattern)
  return stream(builder.stream(topics, sourceOptions(step)), key, value)
}

const addTable: Add = (builder, _, step) => {
  const { key = 'string', value = 'string', topic = '' } = step
  const options = { ...storeOptions(step.materialized, key, value), ...sourceOptions(step) }
  return table(builder.table(topic, options), key, value)
}

const addGlobalTable: Add = (builder, _, step) => {
  const { key = 'string', value = 'string', topic = '' } = step
  const options = { ...storeOptions(step.materialized, key, value), ...sourceOptions(step) }
  return { kind: 'global-table', handle: builder.globalTable(topic, options), key, value }
}

const addStateStore: Add = (builder, _, step) => {
  builder.addStateStore(storeSpecOf(step))
  return undefined
}

const filter: Add = (_, nodes, step) => {
  const from = nodeOf(nodes, step.in, 'stream', 'table')
  const { key, value } = from
  const test = predicate(step.pred ?? '', key, value)
  const not = step.op === 'filterNot'
  if (from.kind === 'stream') {
    const options = { name: step.named }
    return stream(not ? from.handle.filterNot(test, options) : from.handle.filter(test, options), key, value)
  }
  const options = { name: step.named, ...storeOptions(step.materialized, key, value) }
  return table(not ? from.handle.filterNot(test, options) : from.handle.filter(test, options), key, value)
}

const map: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const newKey = pipeline(step.keyFn ?? '', key, value)
  const newValue = pipeline(step.valueFn ?? '', key, value)
  const mapped = handle.map((k, v) => [newKey.evaluate(k, v), newValue.evaluate(k, v)] as const, { name: step.named })
  return stream(mapped, newKey.type, newValue.type)
}

const selectKey: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const newKey = pipeline(step.keyFn ?? '', key, value)
  return stream(
    handle.selectKey((k, v) => newKey.evaluate(k, v), { name: step.named }),
    newKey.type,
    value,
  )
}

const mapValues: Add = (_, nodes, step) => {
  const from = nodeOf(nodes, step.in, 'stream', 'table')
  const { key, value } = from
  const mapper = pipeline(step.valueFn ?? '', key, value)
  const apply = (v: unknown, k: unknown) => mapper.evaluate(k, v)
  if (from.kind === 'stream') return stream(from.handle.mapValues(apply, { name: step.named }), key, mapper.type)
  const options = { name: step.named, ...storeOptions(step.materialized, key, mapper.type) }
  return table(from.handle.mapValues(apply, options), key, mapper.type)
}

const flatMapValues: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const mapper = flatMapValuesFunction(step.fn ?? '', value)
  return stream(
    handle.flatMapValues((v) => mapper.apply(v), { name: step.named }),
    key,
    mapper.type,
  )
}

const flatMap: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const mapper = flatMapFunction(step.fn ?? '', key, value)
  return stream(
    handle.flatMap((k, v) => mapper.apply(k, v), { name: step.named }),
    mapper.keyType,
    mapper.valueType,
  )
}

const split: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  let branches = handle.split({ name: step.named })
  for (const branch of step.branches ?? [])
    branches = branches.branch(predicate(branch.pred, key, value), { name: branch.name as never })
  const streams = (
    step.default ? branches.defaultBranch({ name: step.default.name as never }) : branches.noDefaultBranch()
  ) as Readonly<{ [name: string]: unknown }>
  for (const [index, branch] of (step.branches ?? []).entries()) {
    nodes.set(branch.id, stream(streams[branch.name ?? String(index + 1)], key, value))
  }
  if (step.default) nodes.set(step.default.id, stream(streams[step.default.name ?? '0'], key, value))
  return undefined
}

const merge: Add = (_, nodes, step) => {
  const [first, ...others] = (step.in as readonly string[]).map((id) => nodeOf(nodes, id, 'stream'))
  if (!first) throw new Error('merge of nothing')
  const merged = others.reduce((all, other) => all.merge(other.handle, { name: step.named }), first.handle)
  return stream(merged, first.key, first.value)
}

const groupByKey: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const options = { name: step.grouped, key: serdeOf(key), value: serdeOf(value) }
  return { kind: 'grouped-stream', handle: handle.groupByKey(options), key, value }
}

const groupBy: Add = (_, nodes, step) => {
  const from = nodeOf(nodes, step.in, 'stream', 'table')
  const newKey = pipeline(step.keyFn ?? '', from.key, from.value)
  if (from.kind === 'stream') {
    const options = { name: step.grouped, key: serdeOf(newKey.type), value: serdeOf(from.value) }
    const handle = from.handle.groupBy((k, v) => newKey.evaluate(k, v), options)
    return { kind: 'grouped-stream', handle, key: newKey.type, value: from.value }
  }
  const newValue = pipeline(step.valueFn ?? 'value', from.key, from.value)
  const options = { name: step.grouped, key: serdeOf(newKey.type), value: serdeOf(newValue.type) }
  const handle = from.handle.groupBy((k, v) => [newKey.evaluate(k, v), newValue.evaluate(k, v)] as const, options)
  return { kind: 'grouped-table', handle, key: newKey.type, value: newValue.type }
}

const windowedBy: Add = (_, nodes, step) => {
  const from = nodeOf(nodes, step.in, 'grouped-stream', 'cogrouped')
  const windows = windowsOf(step.window ?? {})
  const types = { key: windowedType(from.key, step.window ?? {}), value: from.value }
  const emit = step.emit === 'close' ? 'on-window-close' : 'on-window-update'
  if (windows.kind === 'session') {
    if (from.kind === 'cogrouped')
      return { kind: 'session-cogrouped', handle: from.handle.windowedBy(windows), ...types }
    return { kind: 'session-windowed', handle: from.handle.windowedBy(windows).emitStrategy(emit), ...types }
  }
  if (from.kind === 'cogrouped')
    return { kind: 'windowed-cogrouped', handle: from.handle.windowedBy(windows), ...types }
  return { kind: 'windowed', handle: from.handle.windowedBy(windows).emitStrategy(emit), ...types }
}

const windowedKinds = ['windowed', 'session-windowed', 'windowed-cogrouped', 'session-cogrouped'] as const

/** The key type that the store is made with. */
function storeKeyType(from: VectorNode): VectorType {
  return (windowedKinds as readonly string[]).includes(from.kind) ? innerType(from.key) : from.key
}

const count: Add = (_, nodes, step) => {
  const from = nodeOf(nodes, step.in, 'grouped-stream', 'grouped-table', 'windowed', 'session-windowed')
  const options = { name: step.named, ...aggregationOptions(step.materialized, storeKeyType(from), 'long') } as object
  return table(from.handle.count(options), from.key, 'long')
}

const reduce: Add = (_, nodes, step) => {
  const from = nodeOf(nodes, step.in, 'grouped-stream', 'grouped-table', 'windowed', 'session-windowed')
  const reducer = reducerFunction(step.reducer ?? '', from.value)
  const options = { name: step.named, ...aggregationOptions(step.materialized, storeKeyType(from), from.value) }
  const reduced =
    from.kind === 'grouped-table'
      ? from.handle.reduce(reducer, reducerFunction(step.subtractor ?? '', from.value), options)
      : (from.handle as KGroupedStream<unknown, unknown>).reduce(reducer, options)
  return table(reduced, from.key, from.value)
}

const aggregate: Add = (_, nodes, step) => {
  const from = nodeOf(nodes, step.in, 'grouped-stream', 'grouped-table', 'cogrouped', ...windowedKinds)
  const keyType = storeKeyType(from)
  const named = aggregatorFunction(step.agg ?? '', keyType, from.value)
  const value = from.kind.endsWith('cogrouped') ? from.value : named.type
  const options = { name: step.named, ...aggregationOptions(step.materialized, keyType, value) }
  const initial = () => named.initial
  switch (from.kind) {
    case 'grouped-stream':
    case 'windowed':
      return table(from.handle.aggregate(initial, named.add, options), from.key, value)
    case 'session-windowed':
      return table(from.handle.aggregate(initial, named.add, named.merge, options), from.key, value)
    case 'grouped-table':
      return table(from.handle.aggregate(initial, named.add, named.subtract, options), from.key, value)
    case 'session-cogrouped':
      return table(from.handle.aggregate(initial, named.merge, options), from.key, value)
    default:
      return table(from.handle.aggregate(initial, options), from.key, value)
  }
}

const cogroup: Add = (_, nodes, step) => {
  const inputs = (step.streams ?? []).map(({ in: id, agg }) => {
    const from = nodeOf(nodes, id, 'grouped-stream')
    return { from, named: aggregatorFunction(agg, from.key, from.value) }
  })
  const [first, ...others] = inputs
  if (!first) throw new Error('cogroup of nothing')
  let handle = first.from.handle.cogroup(first.named.add)
  for (const { from, named } of others) handle = handle.cogroup(from.handle, named.add)
  return { kind: 'cogrouped', handle, key: first.from.key, value: first.named.type }
}

const repartition: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const options = { name: step.named, partitions: step.partitions, key: serdeOf(key), value: serdeOf(value) }
  return stream(handle.repartition(options), key, value)
}

const toTable: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  return table(handle.toTable({ name: step.named, ...aggregationOptions(step.materialized, key, value) }), key, value)
}

const toStream: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'table')
  if (step.keyFn === undefined) return stream(handle.toStream({ name: step.named }), key, value)
  const newKey = pipeline(step.keyFn, key, value)
  return stream(
    handle.toStream((k, v) => newKey.evaluate(k, v), { name: step.named }),
    newKey.type,
    value,
  )
}

const suppress: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'table')
  return table(handle.suppress(suppressedOf(step)), key, value)
}

const process: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const named = namedProcessor(step.processor ?? '', step.args ?? {}, key, value)
  const options = { name: step.named, stores: step.stores }
  return stream(handle.process({ create: named.create }, options), named.keyType, named.valueType)
}

const processValues: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const named = namedFixedKeyProcessor(step.processor ?? '', step.args ?? {}, value)
  const options = { name: step.named, stores: step.stores }
  return stream(handle.processValues({ create: named.create }, options), key, named.valueType)
}

const to: Add = (_, nodes, step) => {
  const { handle, key, value } = nodeOf(nodes, step.in, 'stream')
  const options = { name: step.named, key: serdeOf(key), value: serdeOf(value) }
  if (step.topicFn === undefined) {
    handle.to(step.topic ?? '', options)
    return undefined
  }
  const topic = pipeline(step.topicFn, key, value)
  const extractor = (record: { readonly key: unknown; readonly value: unknown }) =>
    textOf(topic.evaluate(record.key, record.value), topic.type)
  // describe() prints an extractor by its name, as Java does by its toString.
  Object.defineProperty(extractor, 'name', { value: `extractor(${step.topicFn})` })
  handle.to(extractor, options)
  return undefined
}

const join: Add = (_, nodes, step) => {
  const left = nodeOf(nodes, step.in, 'stream', 'table')
  const right = nodeOf(nodes, step.with, 'stream', 'table', 'global-table')
  const joiner = joinerFunction(step.joiner ?? '', left.key, left.value, right.value)
  if (left.kind === 'table') {
    if (right.kind !== 'table') throw new Error('a table joins tables')
    return table(joinedTables(left, right, step, joiner), left.key, joiner.type)
  }
  return stream(joinedStream(left, right, step, joiner), left.key, joiner.type)
}

type NamedJoiner = ReturnType<typeof joinerFunction>

function joinedStream(
  left: NodeOf<'stream'>,
  right: NodeOf<'stream' | 'table' | 'global-table'>,
  step: VectorStep,
  joiner: NamedJoiner,
): unknown {
  const inner = step.op === 'join'
  const serdes = { key: serdeOf(left.key), value: serdeOf(left.value) }
  switch (right.kind) {
    case 'stream': {
      const { name, storeName, storeType, logging } = step.streamJoined ?? {}
      const windows = joinWindowsOf(step.window ?? {})
      const stores = { store: storeName, engine: engineOf(storeType), changelog: logging }
      const options = { name, windows, ...stores, ...serdes, otherValue: serdeOf(right.value) }
      if (step.op === 'outerJoin') return left.handle.outerJoin(right.handle, joiner.apply, options)
      if (inner) return left.handle.join(right.handle, joiner.apply, options)
      return left.handle.leftJoin(right.handle, joiner.apply, options)
    }
    case 'table': {
      const options = { name: step.joined?.name, graceMs: step.joined?.grace, ...serdes }
      return inner
        ? left.handle.join(right.handle, joiner.apply, options)
        : left.handle.leftJoin(right.handle, joiner.apply, options)
    }
    case 'global-table': {
      const keyOf = pipeline(step.keyFn ?? '', left.key, left.value)
      const select = (key: unknown, value: unknown) => keyOf.evaluate(key, value)
      const options = { name: step.named }
      return inner
        ? left.handle.join(right.handle, select, joiner.apply, options)
        : left.handle.leftJoin(right.handle, select, joiner.apply, options)
    }
  }
}

function joinedTables(left: NodeOf<'table'>, right: NodeOf<'table'>, step: VectorStep, joiner: NamedJoiner): unknown {
  const stores = storeOptions(step.materialized, left.key, joiner.type)
  // The oracle's table joiners do not see the key.
  const apply = (leftValue: unknown, rightValue: unknown) => joiner.apply(leftValue, rightValue, null)
  if (step.fkFn !== undefined) {
    const foreignKey = pipeline(step.fkFn, left.key, left.value)
    const select = (key: unknown, value: unknown) => foreignKey.evaluate(key, value)
    const options = { name: step.tableJoined, ...stores }
    return step.op === 'join'
      ? left.handle.foreignKeyJoin(right.handle, select, apply, options)
      : left.handle.foreignKeyLeftJoin(right.handle, select, apply, options)
  }
  const options = { name: step.named, ...stores }
  if (step.op === 'outerJoin') return left.handle.outerJoin(right.handle, apply, options)
  return step.op === 'join'
    ? left.handle.join(right.handle, apply, options)
    : left.handle.leftJoin(right.handle, apply, options)
}

const adders: { readonly [op: string]: Add } = {
  stream: addStream,
  table: addTable,
  globalTable: addGlobalTable,
  addStateStore,
  filter,
  filterNot: filter,
  map,
  selectKey,
  mapValues,
  flatMapValues,
  flatMap,
  split,
  merge,
  groupByKey,
  groupBy,
  windowedBy,
  count,
  reduce,
  aggregate,
  cogroup,
  join,
  leftJoin: join,
  outerJoin: join,
  repartition,
  toTable,
  toStream,
  suppress,
  process,
  processValues,
  to,
}
