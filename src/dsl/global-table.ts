import type { TableView } from '../topology/operator-spec.ts'

/** A table that every task holds whole; only a join target. */
export class GlobalTable<K, V> {
  readonly #view: TableView
  /** The store that can be queried by name; undefined: its name was generated. */
  readonly storeName: string | undefined
  /** Never set: keeps tables of different types apart. */
  declare readonly types: { readonly key: K; readonly value: V }

  constructor(view: TableView, storeName: string | undefined) {
    this.#view = view
    this.storeName = storeName
  }

  /** @internal */
  view(): TableView {
    return this.#view
  }
}
