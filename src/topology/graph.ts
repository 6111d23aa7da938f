import { assert } from '../core/assert.ts'
import { topologyInvalid } from './build-error.ts'
import type { LogicalNode } from './logical-node.ts'
import { NameGenerator } from './names.ts'
import { TableNeeds } from './table-lineage.ts'

/** A place in the graph. It stays the same when a rewrite replaces its node. */
export type GraphPlace = { readonly place: number }

interface Entry {
  node: LogicalNode
  readonly parents: Set<GraphPlace>
  readonly children: Set<GraphPlace>
  /** Order of writing: that of the last connection from above. */
  priority: number
}

/**
 * The logical graph of one builder. DSL calls only append; `optimizer.ts` rewrites a finished graph in place. Edges are
 * ordered sets: children run in the order in which they were connected.
 */
export class Graph {
  readonly names = new NameGenerator()
  readonly needs = new TableNeeds()
  /** Groups of source node names whose topics must have equal partition counts, in order of the calls. */
  readonly copartitions: Set<string>[] = []
  /** Internal topics of foreign-key joins, which have no repartition node. */
  readonly internalTopics: string[] = []
  readonly root: GraphPlace = Object.freeze({ place: -1 })
  readonly #entries = new Map<GraphPlace, Entry>()
  #nextPriority = 0

  constructor() {
    const node: LogicalNode = { kind: 'state-store', name: 'root', store: undefined as never }
    this.#entries.set(this.root, { node, parents: new Set(), children: new Set(), priority: -1 })
  }

  /** Adds a node behind all its parents; it is written after everything appended before. */
  append(parents: GraphPlace | readonly GraphPlace[], node: LogicalNode): GraphPlace {
    const place = this.create(node)
    for (const parent of Array.isArray(parents) ? parents : [parents]) this.attach(parent, place)
    return place
  }

  /** Adds a node that is connected later. */
  create(node: LogicalNode): GraphPlace {
    const place = Object.freeze({ place: this.#entries.size })
    this.#entries.set(place, { node: Object.freeze(node), parents: new Set(), children: new Set(), priority: 0 })
    return place
  }

  /** Connects as the DSL does: the child is written after everything attached before. */
  attach(parent: GraphPlace, child: GraphPlace): void {
    this.link(parent, child)
    this.#entry(child).priority = this.#nextPriority++
  }

  /** Connects without a change of order: for rewrites. */
  link(parent: GraphPlace, child: GraphPlace): void {
    this.#entry(parent).children.add(child)
    this.#entry(child).parents.add(parent)
  }

  /** Removes one edge. A place without parents is never written. */
  unlink(parent: GraphPlace, child: GraphPlace): void {
    this.#entry(parent).children.delete(child)
    this.#entry(child).parents.delete(parent)
  }

  node(place: GraphPlace): LogicalNode {
    return this.#entry(place).node
  }

  /** Puts another node into a place; its edges stay. */
  replace(place: GraphPlace, node: LogicalNode): void {
    this.#entry(place).node = Object.freeze(node)
  }

  parents(place: GraphPlace): readonly GraphPlace[] {
    return [...this.#entry(place).parents]
  }

  children(place: GraphPlace): readonly GraphPlace[] {
    return [...this.#entry(place).children]
  }

  priority(place: GraphPlace): number {
    return this.#entry(place).priority
  }

  setPriority(place: GraphPlace, priority: number): void {
    this.#entry(place).priority = priority
  }

  /** All places that were ever appended, in that order, the root left out. */
  places(): readonly GraphPlace[] {
    return [...this.#entries.keys()].filter((place) => place !== this.root)
  }

  /** The output of every input is versioned, or derives from versioned tables only. */
  isVersionedUpstream(place: GraphPlace): boolean {
    if (place === this.root) return false
    return this.parents(place).every((parent) => this.isOutputVersioned(parent))
  }

  /** The node says so itself, or all its inputs are versioned. */
  isOutputVersioned(place: GraphPlace): boolean {
    return (place === this.root ? undefined : this.node(place).outputVersioned) ?? this.isVersionedUpstream(place)
  }

  /** Grace of the nearest windowed aggregations upstream; refuses tables that have none. */
  windowCloseGraceMs(place: GraphPlace, chain = ''): number {
    const node = this.node(place)
    if (node.kind === 'processor' && node.windowCloseGraceMs !== undefined) return node.windowCloseGraceMs
    const longer = chain === '' ? node.name : `${node.name}->${chain}`
    const parents = this.parents(place)
    if (parents.length === 0) {
      throw topologyInvalid(
        `suppress until window close needs a windowed aggregation upstream, but there is none in [${longer}]: use untilTimeLimit, or window the grouping first`,
      )
    }
    return Math.max(...parents.map((parent) => this.windowCloseGraceMs(parent, longer)))
  }

  #entry(place: GraphPlace): Entry {
    const entry = this.#entries.get(place)
    assert(entry, `place ${place.place} does not belong to this graph`)
    return entry
  }
}
