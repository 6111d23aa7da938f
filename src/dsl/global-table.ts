import type { TableView } from '../topology/operator-spec.ts'
import { Handle } from './handle.ts'

/** A table that every task holds whole; only a join target. */
export interface GlobalTable<K, V> {
  /** Distinguishes a global table from other handles. */
  readonly kind: 'global-table'
  /** The store that can be queried by name; undefined: its name was generated. */
  readonly storeName: string | undefined
  /** Never set: keeps tables of different types apart. */
  readonly types: { readonly key: K; readonly value: V }
}

/** A `GlobalTable`. */
export class GlobalTableHandle extends Handle<TableView> {
  readonly kind = 'global-table'
  readonly storeName: string | undefined

  constructor(view: TableView, storeName: string | undefined) {
    super(view)
    this.storeName = storeName
  }
}
