import { buildError } from './build-error.ts'
import type { Graph, GraphPlace } from './graph.ts'
import type { LogicalNode, RepartitionLogical } from './logical-node.ts'
import { repartitionNode } from './repartition-node.ts'

type Repartitions = Map<GraphPlace, Set<GraphPlace>>

/**
 * merge.repartition.topics: all repartition topics behind one re-keying become a single one right behind it. Which node
 * counts as the re-keying, and which stay apart because values change in between, follows Kafka Streams to the letter.
 */
export function mergeRepartitionTopics(graph: Graph, processorsStayInPlace: boolean): void {
  const groups = repartitionsByKeyChange(graph, processorsStayInPlace)
  moveBehindMerges(graph, groups)
  for (const [keyChange, repartitions] of groups) {
    if (repartitions.size > 0) mergeGroup(graph, keyChange, repartitions)
  }
}

/** Each re-keying with the repartition topics that it alone made necessary. */
function repartitionsByKeyChange(graph: Graph, processorsStayInPlace: boolean): Repartitions {
  const groups: Repartitions = new Map()
  for (const place of graph.places()) {
    const node = graph.node(place)
    if (changesKey(node)) groups.set(place, new Set())
    else if (node.kind === 'repartition' && node.optimizable) {
      const keyChange = keyChangeOf(graph, place, processorsStayInPlace)
      if (keyChange) groups.get(keyChange)?.add(place)
    }
  }
  return groups
}

function changesKey(node: LogicalNode): boolean {
  return node.kind === 'processor' && node.changesKey
}

/** The nearest re-keying upstream; undefined where values change between it and the repartition. */
function keyChangeOf(graph: Graph, repartition: GraphPlace, processorsStayInPlace: boolean): GraphPlace | undefined {
  const nearest = upstream(graph, repartition, (place) => {
    const node = graph.node(place)
    if (node.kind !== 'processor') return false
    return node.changesKey || node.changesValue || (processorsStayInPlace && node.isUserProcessor)
  })
  return nearest !== undefined && changesKey(graph.node(nearest)) ? nearest : undefined
}

/** The first match on the way up: of an input before what stands above it, of inputs in their order. */
function upstream(graph: Graph, start: GraphPlace, matches: (place: GraphPlace) => boolean): GraphPlace | undefined {
  if (start === graph.root) return undefined
  if (matches(start)) return start
  for (const parent of graph.parents(start)) {
    const found = upstream(graph, parent, matches)
    if (found) return found
  }
  return undefined
}

/** Where re-keyed streams are merged before they are repartitioned, the merge takes the place of the re-keying. */
function moveBehindMerges(graph: Graph, groups: Repartitions): void {
  const moved = new Set<GraphPlace>()
  const mergedGroups: Repartitions = new Map()
  for (const merge of graph.places()) {
    const node = graph.node(merge)
    if (node.kind !== 'processor' || !node.merges) continue
    const together = new Set<GraphPlace>()
    for (const [keyChange, repartitions] of groups) {
      const behind = [...repartitions].every((place) => childOnTheWay(graph, place, merge) !== undefined)
      if (!behind || childOnTheWay(graph, merge, keyChange) === undefined) continue
      for (const place of repartitions) together.add(place)
      moved.add(keyChange)
    }
    mergedGroups.set(merge, together)
  }
  for (const [merge, repartitions] of mergedGroups) groups.set(merge, repartitions)
  for (const keyChange of moved) groups.delete(keyChange)
}

/** The child of `ancestor` through which `place` descends from it; `place` itself where it is that child. */
function childOnTheWay(graph: Graph, place: GraphPlace, ancestor: GraphPlace): GraphPlace | undefined {
  return upstream(graph, place, (candidate) => graph.parents(candidate).includes(ancestor))
}

/** Puts one repartition right behind the re-keying, and takes the others out. Their co-partitions follow. */
function mergeGroup(graph: Graph, keyChange: GraphPlace, repartitions: ReadonlySet<GraphPlace>): void {
  const single = graph.create(singleRepartition(graph, repartitions))
  graph.setPriority(single, graph.priority(keyChange))
  for (const replaced of repartitions) {
    const child = childOnTheWay(graph, replaced, keyChange)
    if (child === undefined) {
      throw buildError(
        'BUILD_REFUSED',
        `repartition ${graph.node(replaced).name} is not downstream of ${graph.node(keyChange).name}: switch off mergeRepartitionTopics`,
      )
    }
    graph.link(single, child)
    graph.unlink(keyChange, child)
    bypass(graph, replaced)
    renameCopartitions(graph, graph.node(replaced).name, graph.node(single).name)
  }
  graph.link(keyChange, single)
}

/** Takes a node out: its children become those of its parents. */
function bypass(graph: Graph, place: GraphPlace): void {
  const parents = graph.parents(place)
  for (const child of graph.children(place)) {
    for (const parent of parents) graph.link(parent, child)
    graph.unlink(place, child)
  }
  for (const parent of parents) graph.unlink(parent, place)
}

/** Named after the first of the topics that it replaces; serdes are the first that are known. */
function singleRepartition(graph: Graph, repartitions: ReadonlySet<GraphPlace>): RepartitionLogical {
  const nodes = [...repartitions].map((place) => graph.node(place) as RepartitionLogical)
  return repartitionNode(graph.names, {
    prefix: (nodes[0] as RepartitionLogical).topic,
    key: nodes.find((node) => node.key !== undefined)?.key,
    value: nodes.find((node) => node.value !== undefined)?.value,
    optimizable: true,
  })
}

function renameCopartitions(graph: Graph, from: string, to: string): void {
  for (const group of graph.copartitions) if (group.delete(from)) group.add(to)
}
