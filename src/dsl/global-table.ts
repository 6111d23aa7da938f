import type { TableView } from '../topology/operator-spec.ts'
import { Handle } from './handle.ts'

/** A table that every process holds completely; streams can join it, nothing else. */
export interface GlobalTable<K, V> {
  /** Distinguishes a global table from other handles. */
  readonly kind: 'global-table'
  /** The name under which the store can be queried; undefined if its name was generated. */
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
