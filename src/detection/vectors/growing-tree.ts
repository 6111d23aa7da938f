import type { SeededNumbers } from '../models/seeded-numbers.ts'
import type { ByteReader, ByteWriter } from '../series/state-bytes.ts'

/** What all trees of a forest have in common. */
export interface GrowingTreeShape {
  readonly featureCount: number
  /** A leaf with so many vectors, twice as many with each level, is split. */
  readonly leafVectors: number
  /** The level of the deepest leaves. */
  readonly levels: number
}

/**
 * A tree of boxes that grows with the vectors it sees, and shrinks with those that it forgets (Leveni et al. 2024). A leaf
 * that holds enough is split by chance, as if its vectors were even in its box; a node that holds too few becomes a leaf.
 * The children of node n are 2n + 1 and 2n + 2.
 */
export class GrowingTree {
  readonly #shape: GrowingTreeShape
  readonly #numbers: SeededNumbers
  /** -1 for a leaf. */
  readonly #features: Int16Array
  readonly #thresholds: Float32Array
  readonly #counts: Int32Array
  readonly #lows: Float32Array
  readonly #highs: Float32Array

  constructor(shape: GrowingTreeShape, numbers: SeededNumbers) {
    this.#shape = shape
    this.#numbers = numbers
    const nodes = 2 ** (shape.levels + 1) - 1
    this.#features = new Int16Array(nodes).fill(-1)
    this.#thresholds = new Float32Array(nodes)
    this.#counts = new Int32Array(nodes)
    this.#lows = new Float32Array(nodes * shape.featureCount)
    this.#highs = new Float32Array(nodes * shape.featureCount)
  }

  /** How deep the vector lies: levels, and half a level more for what would fill a leaf once more. */
  depth(vector: Float32Array): number {
    let [node, level] = [0, 0]
    while ((this.#features[node] as number) >= 0) {
      node = this.#childOf(node, vector)
      level++
    }
    return level + this.#depthWithin(node)
  }

  /** Learns a vector; returns how deep it lay before. */
  learn(vector: Float32Array): number {
    for (let node = 0, level = 0; ; node = this.#childOf(node, vector), level++) {
      const isLeaf = (this.#features[node] as number) < 0
      const depth = isLeaf ? level + this.#depthWithin(node) : 0
      this.#widen(node, vector)
      const count = (this.#counts[node] as number) + 1
      this.#counts[node] = count
      if (!isLeaf) continue
      if (count >= this.#shape.leafVectors * 2 ** level && level < this.#shape.levels) this.#split(node)
      return depth
    }
  }

  /** Forgets a vector that was learned. */
  forget(vector: Float32Array): void {
    for (let node = 0, level = 0; ; node = this.#childOf(node, vector), level++) {
      const count = Math.max(0, (this.#counts[node] as number) - 1)
      this.#counts[node] = count
      if ((this.#features[node] as number) < 0) return
      if (count >= this.#shape.leafVectors * 2 ** level) continue
      this.#merge(node)
      return
    }
  }

  /** Appends the tree. */
  write(writer: ByteWriter, node = 0): void {
    const feature = this.#features[node] as number
    const size = this.#shape.featureCount
    writer.whole(feature + 1)
    writer.whole(this.#counts[node] as number)
    for (let place = node * size; place < (node + 1) * size; place++) {
      writer.float32(this.#lows[place] as number)
      writer.float32(this.#highs[place] as number)
    }
    if (feature < 0) return
    writer.float32(this.#thresholds[node] as number)
    this.write(writer, 2 * node + 1)
    this.write(writer, 2 * node + 2)
  }

  /** Takes the tree that `write` appended. */
  read(reader: ByteReader, node = 0): void {
    const feature = reader.whole() - 1
    const size = this.#shape.featureCount
    this.#features[node] = feature
    this.#counts[node] = reader.whole()
    for (let place = node * size; place < (node + 1) * size; place++) {
      this.#lows[place] = reader.float32()
      this.#highs[place] = reader.float32()
    }
    if (feature < 0) return
    this.#thresholds[node] = reader.float32()
    this.read(reader, 2 * node + 1)
    this.read(reader, 2 * node + 2)
  }

  #childOf(node: number, vector: Float32Array): number {
    const value = vector[this.#features[node] as number] as number
    return 2 * node + (value < (this.#thresholds[node] as number) ? 1 : 2)
  }

  #depthWithin(node: number): number {
    const count = this.#counts[node] as number
    return count > this.#shape.leafVectors ? Math.log2(count / this.#shape.leafVectors) : 0
  }

  #widen(node: number, vector: Float32Array): void {
    const size = this.#shape.featureCount
    const first = node * size
    const isEmpty = this.#counts[node] === 0
    for (let feature = 0; feature < size; feature++) {
      const value = vector[feature] as number
      const place = first + feature
      if (isEmpty || value < (this.#lows[place] as number)) this.#lows[place] = value
      if (isEmpty || value > (this.#highs[place] as number)) this.#highs[place] = value
    }
  }

  /** Without a number that varies, the leaf stays one. */
  #split(node: number): void {
    const size = this.#shape.featureCount
    const first = this.#numbers.below(size)
    for (let turn = 0; turn < size; turn++) {
      const feature = (first + turn) % size
      const low = this.#lows[node * size + feature] as number
      const high = this.#highs[node * size + feature] as number
      const threshold = Math.fround(low + (high - low) * this.#numbers.next())
      if (!(threshold > low && threshold <= high)) continue
      this.#features[node] = feature
      this.#thresholds[node] = threshold
      const count = this.#counts[node] as number
      const smaller = Math.round((count * (threshold - low)) / (high - low))
      this.#fill(2 * node + 1, node, smaller)
      this.#fill(2 * node + 2, node, count - smaller)
      this.#highs[(2 * node + 1) * size + feature] = threshold
      this.#lows[(2 * node + 2) * size + feature] = threshold
      return
    }
  }

  /** A leaf with the box that so many even vectors would have within the box of its parent. */
  #fill(node: number, parent: number, count: number): void {
    const size = this.#shape.featureCount
    this.#features[node] = -1
    this.#counts[node] = count
    for (let feature = 0; feature < size; feature++) {
      const low = this.#lows[parent * size + feature] as number
      const high = this.#highs[parent * size + feature] as number
      const margin = (high - low) / (count + 1)
      const isPoint = margin * 2 > high - low
      this.#lows[node * size + feature] = isPoint ? (low + high) / 2 : low + margin
      this.#highs[node * size + feature] = isPoint ? (low + high) / 2 : high - margin
    }
  }

  /** The box becomes that of both children: what was forgotten does not stay in it. */
  #merge(node: number): void {
    const size = this.#shape.featureCount
    for (const child of [2 * node + 1, 2 * node + 2]) if ((this.#features[child] as number) >= 0) this.#merge(child)
    for (let feature = 0; feature < size; feature++) {
      const left = (2 * node + 1) * size + feature
      const right = (2 * node + 2) * size + feature
      this.#lows[node * size + feature] = Math.min(this.#lows[left] as number, this.#lows[right] as number)
      this.#highs[node * size + feature] = Math.max(this.#highs[left] as number, this.#highs[right] as number)
    }
    this.#features[node] = -1
  }
}
