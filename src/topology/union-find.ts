import { assert } from '../core/assert.ts'

/** The connected parts of a graph, by node names: two names with one root are connected. */
export class UnionFind {
  readonly #parents = new Map<string, string>()

  add(name: string): void {
    this.#parents.set(name, name)
  }

  root(name: string): string {
    let current = name
    for (;;) {
      const parent = this.#parents.get(current)
      assert(parent !== undefined, `${current} was never added`)
      if (parent === current) return current
      current = parent
    }
  }

  unite(left: string, right: string): void {
    this.#parents.set(this.root(left), this.root(right))
  }
}
