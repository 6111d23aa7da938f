import type { Joiner, Materialization, Predicate, TableView, ValueMapper } from './operator-spec.ts'
import type { AnyFixedKeyProcessorSupplier } from './processor-api.ts'

/**
 * Where the rows of a table come from, as far as somebody downstream may ask for a row (`TableView`) or for the old value
 * of a change. One frozen object a table; identity is the table's.
 */
export type TableLineage =
  /** table(), toTable and the result of a foreign-key join: the store is made only if it is named or somebody needs it. */
  | { readonly kind: 'source'; readonly store: string; readonly versioned: boolean; readonly named: boolean }
  /** An aggregation (or the merge of a cogroup): always has its store. */
  | { readonly kind: 'aggregate'; readonly view: TableView }
  | {
      readonly kind: 'derived'
      readonly parent: TableLineage
      readonly materialized: Materialization | undefined
      readonly step:
        | { readonly kind: 'filter'; readonly predicate: Predicate; readonly not: boolean }
        | { readonly kind: 'map-values'; readonly mapper: ValueMapper }
        | { readonly kind: 'transform-values'; readonly supplier: AnyFixedKeyProcessorSupplier }
    }
  | {
      readonly kind: 'join'
      readonly left: TableLineage
      readonly right: TableLineage
      readonly join: 'inner' | 'left' | 'outer'
      readonly joiner: Joiner
      readonly materialized: Materialization | undefined
    }
  | { readonly kind: 'suppress'; readonly parent: TableLineage; readonly buffer: string }

/** The lineage of a table that always has its store. */
export function aggregateLineage(view: TableView): TableLineage {
  return Object.freeze({ kind: 'aggregate', view })
}

/**
 * Collects, while the DSL is called, which tables must keep a store and which must send old values. Needs only grow;
 * they are read when the graph is written. The order of calls matters in one place, as in Kafka Streams: a filter asks
 * for old values only where they cost nothing at that moment.
 */
export class TableNeeds {
  readonly #stored = new Set<TableLineage>()
  readonly #oldValues = new Set<TableLineage>()

  sendsOldValues(table: TableLineage): boolean {
    return this.#oldValues.has(table)
  }

  /** The store that the table keeps; undefined: it has none. */
  materialization(table: TableLineage): Materialization | undefined {
    switch (table.kind) {
      case 'source':
        return this.#keepsStore(table) ? { store: table.store, versioned: table.versioned } : undefined
      case 'derived':
      case 'join':
        return table.materialized
      case 'aggregate':
      case 'suppress':
        return undefined
    }
  }

  /** Asks for old values, whatever they need: a source table keeps a store for them. */
  requireOldValues(table: TableLineage): void {
    this.#ask(table, 'must')
  }

  /** Asks for old values where they need no store that is not there; false where they would. */
  takeFreeOldValues(table: TableLineage): boolean {
    return this.#ask(table, 'if-free')
  }

  #ask(table: TableLineage, cost: OldValueCost): boolean {
    if (this.#oldValues.has(table)) return true
    if (!this.#provideOldValues(table, cost)) return false
    this.#oldValues.add(table)
    return true
  }

  /** How a row of the table is read; makes source tables keep a store. */
  view(table: TableLineage): TableView {
    switch (table.kind) {
      case 'source':
        this.#stored.add(table)
        return { kind: 'store', store: table.store, versioned: table.versioned }
      case 'aggregate':
        return table.view
      case 'derived': {
        if (table.materialized) return { kind: 'store', ...table.materialized }
        return { ...table.step, source: this.view(table.parent) }
      }
      case 'join': {
        if (table.materialized) return { kind: 'store', ...table.materialized }
        const { join, joiner } = table
        return { kind: 'table-table-join', left: this.view(table.left), right: this.view(table.right), join, joiner }
      }
      case 'suppress':
        return { kind: 'suppress', source: this.view(table.parent), buffer: table.buffer }
    }
  }

  #keepsStore(table: TableLineage & { kind: 'source' }): boolean {
    return table.named || this.#stored.has(table)
  }

  #provideOldValues(table: TableLineage, cost: OldValueCost): boolean {
    switch (table.kind) {
      case 'source':
        if (cost === 'if-free' && !this.#keepsStore(table)) return false
        this.#stored.add(table)
        return true
      case 'aggregate':
        return true
      case 'derived':
        return table.materialized !== undefined || this.#ask(table.parent, cost)
      case 'join':
        this.requireOldValues(table.left)
        this.requireOldValues(table.right)
        return true
      case 'suppress':
        return this.#ask(table.parent, cost)
    }
  }
}

/** Whether a table may be made to keep a store for its old values. */
type OldValueCost = 'must' | 'if-free'

/** The stores that a view reads, in the order in which they are connected to its reader. */
export function storesOfView(view: TableView): readonly string[] {
  switch (view.kind) {
    case 'store':
    case 'window-store':
    case 'session-store':
      return [view.store]
    case 'filter':
    case 'map-values':
    case 'transform-values':
      return storesOfView(view.source)
    case 'suppress':
      return [view.buffer, ...storesOfView(view.source)]
    case 'table-table-join':
      return [...new Set([...storesOfView(view.left), ...storesOfView(view.right)])]
  }
}
