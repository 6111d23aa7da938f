import { assertNever } from '../core/assert.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import type { StoreDraft } from './store-draft.ts'
import type { Assembly } from './assembly.ts'
import { illegalArgument, topologyInvalid } from './build-error.ts'
import type { Consumed } from './consumed.ts'
import type { Graph, GraphPlace } from './graph.ts'
import type {
  GlobalStoreLogical,
  LogicalNode,
  ProcessorLogical,
  RepartitionLogical,
  StateStoreLogical,
  StreamStreamJoinLogical,
  TableTableJoinLogical,
  TableRepartitionLogical,
  TableSourceLogical,
} from './logical-node.ts'
import type { TableView } from './operator-spec.ts'
import { recordTimestamp } from './record-timestamp.ts'
import { type OperatorFacts, resolveSpec } from './resolve-spec.ts'
import { storesOfView } from './table-lineage.ts'

/** A source behind a repartition topic: its serdes, and the time that the record had when it was written. */
function internal(serdes: Pick<Consumed, 'key' | 'value'>): Consumed {
  return { ...serdes, timestampExtractor: recordTimestamp, offsetReset: undefined }
}

/**
 * Writes an optimized graph, node by node: always the one that was appended first among those whose inputs are written.
 * That order gives physical nodes their place, and through it subtopologies their numbers.
 */
export function writeGraph(graph: Graph, assembly: Assembly): void {
  refuseVersionedSuppress(graph)
  for (const topic of graph.internalTopics) assembly.addInternalTopic(topic, undefined)
  const written = new Set<GraphPlace>([graph.root])
  const open = new Set<GraphPlace>(graph.children(graph.root))
  for (let next = firstReady(graph, open, written); next; next = firstReady(graph, open, written)) {
    open.delete(next)
    written.add(next)
    writeNode(new NodeWriter(graph, assembly, next), graph.node(next))
    for (const child of graph.children(next)) open.add(child)
  }
}

/** The place that was appended first among those whose parents are all written; undefined: nothing is left. */
function firstReady(
  graph: Graph,
  open: ReadonlySet<GraphPlace>,
  written: ReadonlySet<GraphPlace>,
): GraphPlace | undefined {
  let first: GraphPlace | undefined
  for (const place of open) {
    if (!graph.parents(place).every((parent) => written.has(parent))) continue
    if (first === undefined || graph.priority(place) < graph.priority(first)) first = place
  }
  return first
}

function refuseVersionedSuppress(graph: Graph): void {
  for (const place of graph.places()) {
    const node = graph.node(place)
    if (node.kind !== 'processor' || !node.refusesVersioned || !graph.isVersionedUpstream(place)) continue
    throw topologyInvalid(
      `suppress ${node.name} is behind a versioned table, which it does not support: materialize an unversioned one`,
      node.name,
    )
  }
}

function writeNode(writer: NodeWriter, node: LogicalNode): void {
  const { assembly } = writer
  switch (node.kind) {
    case 'source':
      return assembly.addSource({ name: node.name, topics: node.topics, consumed: node.consumed })
    case 'table-source':
      return writer.tableSource(node)
    case 'global-store':
      return writer.globalStore(node)
    case 'state-store':
      return writer.stateStore(node)
    case 'processor':
      return writer.processor(node)
    case 'repartition':
      return writer.repartition(node)
    case 'table-repartition':
      return writer.tableRepartition(node)
    case 'stream-stream-join':
      return node.selfJoin ? writer.selfJoin(node) : writer.streamJoin(node)
    case 'table-table-join':
      return writer.tableJoin(node)
    case 'sink':
      return assembly.addSink({ ...node, parents: writer.parents })
    default:
      return assertNever(node)
  }
}

/**
 * Writes one logical node as its physical nodes, stores and topics. Needs of tables are read here, when no call can add
 * one.
 */
class NodeWriter {
  readonly assembly: Assembly
  readonly parents: readonly string[]
  readonly #facts: OperatorFacts
  /** Names of the parents whose output is versioned. */
  readonly #versionedParents: ReadonlySet<string>

  constructor(graph: Graph, assembly: Assembly, place: GraphPlace) {
    this.assembly = assembly
    this.parents = graph
      .parents(place)
      .filter((parent) => parent !== graph.root)
      .map((parent) => graph.node(parent).name)
    const versioned = graph.parents(place).filter((parent) => graph.isOutputVersioned(parent))
    this.#versionedParents = new Set(versioned.map((parent) => graph.node(parent).name))
    this.#facts = { needs: graph.needs, inputVersioned: versioned.length > 0 }
  }

  tableSource(node: TableSourceLogical): void {
    const { needs } = this.#facts
    const { assembly } = this
    assembly.addSource({ name: node.sourceName, topics: [node.topic], consumed: node.consumed })
    const materialized = needs.materialization(node.lineage)
    const sendOldValues = needs.sendsOldValues(node.lineage)
    assembly.addProcessor(node.name, { kind: 'table-source', materialized, sendOldValues }, [node.sourceName])
    if (!materialized) return
    const store = this.#complete(node.store)
    // Settings given for a changelog are not those of a topic that others write.
    const reuses = node.reusesTopic && store.changelog !== undefined
    assembly.addStore(reuses ? { ...store, changelog: { topic: undefined, configs: {} } } : store, [node.name])
    if (node.reusesTopic) assembly.useTopicAsChangelog(node.store.name, node.topic)
  }

  globalStore(node: GlobalStoreLogical): void {
    const source = { name: node.sourceName, topics: [node.topic], consumed: node.consumed }
    const operator = node.supplier
      ? ({ kind: 'processor', supplier: node.supplier } as const)
      : ({ kind: 'global-table-source', store: node.store.name } as const)
    this.assembly.addGlobalStore(this.#complete(node.store), source, node.processorName, operator)
  }

  stateStore(node: StateStoreLogical): void {
    this.assembly.addStore(this.#complete(node.store), [])
  }

  /** An operator with the stores that it brings and those that it only connects to. */
  processor(node: ProcessorLogical): void {
    const { needs } = this.#facts
    const { name, operator, lineage, connects, graceMs } = node
    this.assembly.addProcessor(name, resolveSpec(operator, lineage, this.#facts), this.parents)
    // A source table makes its store only where somebody needs it.
    const keepsStores = lineage?.kind !== 'source' || needs.materialization(lineage) !== undefined
    if (keepsStores) for (const store of node.stores) this.assembly.addStore(this.#complete(store), [name])
    this.assembly.connect(name, connects)
    if (graceMs !== undefined) this.#checkGrace(name, graceMs, connects)
  }

  /** A filter, a sink, the topic and a source: the source has the node's name, as everything behind it is its child. */
  repartition(node: RepartitionLogical): void {
    const { assembly } = this
    assembly.addInternalTopic(node.topic, node.partitions)
    assembly.addProcessor(
      node.filterName,
      { kind: node.dropsNullKeys ? 'repartition-filter' : 'pass-through' },
      this.parents,
    )
    const { topic, key, value, partitioner } = node
    assembly.addSink({ name: node.sinkName, topic, key, value, partitioner, parents: [node.filterName] })
    assembly.addSource({ name: node.name, topics: [topic], consumed: internal(node) })
  }

  tableRepartition(node: TableRepartitionLogical): void {
    const { assembly } = this
    const { topic, key, value } = node
    assembly.addInternalTopic(topic, undefined)
    assembly.addSink({ name: node.sinkName, topic, key, value, changes: true, parents: this.parents })
    assembly.addSource({ name: node.name, topics: [topic], consumed: internal(node), changes: true })
  }

  streamJoin(node: StreamStreamJoinLogical): void {
    const { assembly } = this
    const { join, windows, joiner } = node
    const shared = {
      kind: 'stream-stream-join',
      join,
      windows,
      joiner,
      outerStore: node.outerStore?.name,
      clock: node.name,
      emitIntervalMs: node.emitIntervalMs,
    } as const
    assembly.addProcessor(node.leftName, { ...shared, side: 'left', otherStore: node.rightStore.name }, [
      node.leftWindowedName,
    ])
    assembly.addProcessor(node.rightName, { ...shared, side: 'right', otherStore: node.leftStore.name }, [
      node.rightWindowedName,
    ])
    assembly.addProcessor(node.name, { kind: 'pass-through' }, [node.leftName, node.rightName])
    assembly.addStore(this.#complete(node.leftStore), [node.leftWindowedName, node.rightName])
    assembly.addStore(this.#complete(node.rightStore), [node.rightWindowedName, node.leftName])
    if (node.outerStore) assembly.addStore(this.#complete(node.outerStore), [node.leftName, node.rightName])
  }

  /** Both sides read one store; the right windowed node is gone (`mergeSelfJoin`). */
  selfJoin(node: StreamStreamJoinLogical): void {
    const { windows, joiner } = node
    const store = node.leftStore.name
    const operator = { kind: 'stream-stream-self-join', windows, joiner, store, clock: node.name } as const
    this.assembly.addProcessor(node.name, operator, [node.leftWindowedName])
    this.assembly.addStore(this.#complete(node.leftStore), [node.leftWindowedName, node.name])
  }

  tableJoin(node: TableTableJoinLogical): void {
    const { assembly } = this
    const { needs } = this.#facts
    const { join, joiner } = node.lineage
    const left = needs.view(node.lineage.left)
    const right = needs.view(node.lineage.right)
    const sendOldValues = needs.sendsOldValues(node.lineage)
    const side = (side: 'left' | 'right', other: TableView, parent: string) =>
      ({
        kind: 'table-table-join',
        join,
        joiner,
        sendOldValues,
        side,
        other,
        inputVersioned: this.#versionedParents.has(parent),
      }) as const
    assembly.addProcessor(node.leftName, side('left', right, node.leftParent), [node.leftParent])
    assembly.addProcessor(node.rightName, side('right', left, node.rightParent), [node.rightParent])
    const { materialized } = node.lineage
    assembly.addProcessor(node.name, { kind: 'table-join-merge', materialized, sendOldValues }, [
      node.leftName,
      node.rightName,
    ])
    assembly.connect(node.leftName, storesOfView(right))
    assembly.connect(node.rightName, storesOfView(left))
    if (node.store) assembly.addStore(this.#complete(node.store), [node.name])
  }

  /** Stores take the builder's default serdes where they were given none. */
  #complete(spec: StoreDraft): StoreSpec {
    const key = this.assembly.serde(spec.key, 'key', spec.name)
    const value = this.assembly.serde(spec.value, 'value', spec.name)
    return (key === spec.key && value === spec.value ? spec : Object.freeze({ ...spec, key, value })) as StoreSpec
  }

  /**
   * The grace of a stream-table join must not be longer than the history of the table; known only here, once views are
   * resolved.
   */
  #checkGrace(name: string, graceMs: number, stores: readonly string[]): void {
    for (const store of stores) {
      const spec = this.assembly.stores.get(store)
      if (spec?.kind === 'join-grace-buffer') continue
      if (spec?.kind !== 'versioned') {
        throw illegalArgument(
          `join ${name} has a grace of ${graceMs} ms, so table store ${store} must be versioned: set versionedHistoryMs`,
        )
      }
      if (graceMs > spec.historyMs) {
        throw illegalArgument(
          `join ${name} has a grace of ${graceMs} ms, longer than the history of ${spec.historyMs} ms that store ${store} keeps: lower the grace or raise the history`,
        )
      }
    }
  }
}
