import { buildError, topologyInvalid } from './build-error.ts'
import type { Graph, GraphPlace } from './graph.ts'
import type { LogicalNode, ProcessorLogical, SourceLogical } from './logical-node.ts'
import { mergeRepartitionTopics } from './merge-repartitions.ts'
import { sameOffsetReset } from './offset-reset.ts'

/** Kafka Streams' `topology.optimization`, one rewrite a flag. */
export interface Optimizations {
  /** A table's source topic serves as its changelog. */
  readonly reuseTableSourceTopics: boolean
  /** Repartition topics behind one re-keying become one. */
  readonly mergeRepartitionTopics: boolean
  /** A stream joined with itself keeps one window store. */
  readonly singleStoreSelfJoin: boolean
  /**
   * Never moves a merged repartition topic in front of process() or processValues(). Kafka Streams does move it, which
   * breaks where they change values or keys (KAFKA-19668); set this unless names must equal those of a Java application.
   */
  readonly processorsStayInPlace: boolean
}

/** Kafka Streams' default, `topology.optimization=none`. */
export const noOptimizations: Optimizations = Object.freeze({
  reuseTableSourceTopics: false,
  mergeRepartitionTopics: false,
  singleStoreSelfJoin: false,
  processorsStayInPlace: false,
})

/** Kafka Streams' `topology.optimization=all`. */
export const allOptimizations: Optimizations = Object.freeze({
  reuseTableSourceTopics: true,
  mergeRepartitionTopics: true,
  singleStoreSelfJoin: true,
  processorsStayInPlace: false,
})

/**
 * Rewrites a complete logical graph in place, before it is written: called once by `build`.
 * - always: sources of the same topics become one, and null keys are dropped before repartition topics that do not need
 *   them
 * - where switched on: source topics serve as changelogs, repartition topics are merged, self joins share one store
 * Throws TOPOLOGY_INVALID for sources that read one topic differently.
 */
export function optimize(graph: Graph, optimizations: Optimizations): void {
  mergeDuplicateSources(graph)
  if (optimizations.reuseTableSourceTopics) reuseSourceTopics(graph)
  if (optimizations.mergeRepartitionTopics) mergeRepartitionTopics(graph, optimizations.processorsStayInPlace)
  if (optimizations.singleStoreSelfJoin) mergeSelfJoins(graph)
  dropNullKeys(graph)
}

/** Streams over the same topics (or pattern) read them once. */
function mergeDuplicateSources(graph: Graph): void {
  const byTopic = new Map<string, GraphPlace>()
  for (const place of graph.children(graph.root)) {
    const node = graph.node(place)
    if (node.kind !== 'source') continue
    for (const topic of sourceKeys(node)) {
      const main = byTopic.get(topic)
      if (main === undefined) byTopic.set(topic, place)
      else if (main !== place) mergeSource(graph, main, place, topic)
    }
  }
}

function sourceKeys(node: SourceLogical): readonly string[] {
  return node.topics instanceof RegExp ? [String(node.topics)] : node.topics
}

function mergeSource(graph: Graph, main: GraphPlace, duplicate: GraphPlace, topic: string): void {
  const kept = graph.node(main) as SourceLogical
  const dropped = graph.node(duplicate) as SourceLogical
  if ([...sourceKeys(kept)].sort().join() !== [...sourceKeys(dropped)].sort().join()) {
    throw topologyInvalid(
      `sources ${kept.name} and ${dropped.name} both read topic ${topic} but not the same list of topics: use one list for both`,
      dropped.name,
    )
  }
  if (!sameOffsetReset(kept.consumed.offsetReset, dropped.consumed.offsetReset)) {
    throw topologyInvalid(
      `sources ${kept.name} and ${dropped.name} read topic ${topic} with different offsetReset: use one for both`,
      dropped.name,
    )
  }
  checkSameReading(kept, dropped, topic)
  for (const child of graph.children(duplicate)) {
    graph.unlink(duplicate, child)
    graph.link(main, child)
  }
  graph.unlink(graph.root, duplicate)
}

/** The topic is read once, as the first source says: other serdes of the second would have no effect. */
function checkSameReading(kept: SourceLogical, dropped: SourceLogical, topic: string): void {
  for (const part of ['key', 'value'] as const) {
    const [one, other] = [kept.consumed[part]?.name ?? 'the default', dropped.consumed[part]?.name ?? 'the default']
    if (one === other) continue
    throw topologyInvalid(
      `sources ${kept.name} and ${dropped.name} read topic ${topic} with different ${part} serdes (${one} and ${other}): read it once and map the stream, or use one serde for both`,
      dropped.name,
    )
  }
}

/** `reuse.ktable.source.topics`: applies to each table that turns out to keep a store. */
function reuseSourceTopics(graph: Graph): void {
  for (const place of graph.places()) {
    const node = graph.node(place)
    if (node.kind === 'table-source') graph.replace(place, { ...node, reusesTopic: true })
  }
}

/** `single.store.self.join`: a join whose two sides are the same place keeps one window store and one side. */
function mergeSelfJoins(graph: Graph): void {
  const visited = new Set<GraphPlace>()
  const visit = (place: GraphPlace): void => {
    visited.add(place)
    mergeSelfJoin(graph, place)
    for (const child of graph.children(place)) if (!visited.has(child)) visit(child)
  }
  visit(graph.root)
}

function mergeSelfJoin(graph: Graph, place: GraphPlace): void {
  const node = graph.node(place)
  const parents = graph.parents(place)
  const parent = parents[0]
  if (node.kind !== 'stream-stream-join' || parents.length !== 1 || parent === undefined) return
  const windowed = (name: string): GraphPlace | undefined =>
    graph
      .children(parent)
      .find((child) => graph.node(child).name === name && graph.priority(child) < graph.priority(place))
  const left = windowed(node.leftWindowedName)
  const right = windowed(node.rightWindowedName)
  if (!left || !right) {
    throw buildError(
      'ILLEGAL_STATE',
      `self join ${node.name} cannot share one store, because other nodes are between its sides: switch off singleStoreSelfJoin`,
      node.name,
    )
  }
  graph.unlink(parent, right)
  graph.replace(place, { ...node, selfJoin: true })
}

/** Null keys are dropped in front of repartition topics, unless a join downstream lets them pass (KIP-962). */
function dropNullKeys(graph: Graph): void {
  const keeps = new Set<GraphPlace>()
  const visited = new Set<GraphPlace>()
  const visit = (place: GraphPlace): void => {
    if (visited.has(place)) return
    for (const child of graph.children(place)) {
      visit(child)
      if (acceptsNullKeys(graph.node(child)) || keeps.has(child)) keeps.add(place)
    }
    visited.add(place)
  }
  visit(graph.root)
  for (const place of visited) {
    const node = graph.node(place)
    if (node.kind === 'repartition' && !keeps.has(place)) graph.replace(place, { ...node, dropsNullKeys: true })
  }
}

function acceptsNullKeys(node: LogicalNode): boolean {
  if (node.kind === 'stream-stream-join') return node.join !== 'inner'
  return node.kind === 'processor' && (node satisfies ProcessorLogical).acceptsNullKeys
}
