import type { ByteReader, ByteWriter } from '../series/state-bytes.ts'

/** The nodes of all trees, one after the other. */
export interface BoostedNodes {
  /** The number that a node looks at; -1 for a leaf. */
  readonly features: number[]
  /** Values up to this one and missing ones go left. For a leaf: what it adds. */
  readonly values: number[]
  /** The node on the left; the one on the right follows it. */
  readonly lefts: number[]
  /** The first node of each tree. */
  readonly roots: number[]
}

/** Trees whose leaves add up to the logarithm of odds. */
export class BoostedTrees {
  readonly #base: number
  readonly #features: Int16Array
  readonly #values: Float64Array
  readonly #lefts: Int32Array
  readonly #roots: Int32Array

  constructor(base: number, nodes: BoostedNodes) {
    this.#base = base
    this.#features = Int16Array.from(nodes.features)
    this.#values = Float64Array.from(nodes.values)
    this.#lefts = Int32Array.from(nodes.lefts)
    this.#roots = Int32Array.from(nodes.roots)
  }

  /** The logarithm of odds for the row of numbers that begins at a place. */
  logOdds(rows: Float64Array, first = 0): number {
    let sum = this.#base
    for (const root of this.#roots) {
      let node = root
      let feature = this.#features[node] as number
      while (feature >= 0) {
        const value = rows[first + feature] as number
        node = (this.#lefts[node] as number) + (value > (this.#values[node] as number) ? 1 : 0)
        feature = this.#features[node] as number
      }
      sum += this.#values[node] as number
    }
    return sum
  }

  /** Appends the trees. */
  write(writer: ByteWriter): void {
    writer.float64(this.#base)
    writer.whole(this.#features.length)
    for (const [node, feature] of this.#features.entries()) {
      writer.whole(feature + 1)
      writer.float64(this.#values[node] as number)
      if (feature >= 0) writer.whole((this.#lefts[node] as number) - node)
    }
    writer.whole(this.#roots.length)
    for (const root of this.#roots) writer.whole(root)
  }

  /** The trees that `write` appended. */
  static read(reader: ByteReader): BoostedTrees {
    const base = reader.float64()
    const nodes: BoostedNodes = { features: [], values: [], lefts: [], roots: [] }
    const nodeCount = reader.whole()
    for (let node = 0; node < nodeCount; node++) {
      const feature = reader.whole() - 1
      nodes.features.push(feature)
      nodes.values.push(reader.float64())
      nodes.lefts.push(feature >= 0 ? node + reader.whole() : 0)
    }
    const treeCount = reader.whole()
    for (let tree = 0; tree < treeCount; tree++) nodes.roots.push(reader.whole())
    return new BoostedTrees(base, nodes)
  }
}
