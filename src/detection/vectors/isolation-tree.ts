import type { SeededNumbers } from '../models/seeded-numbers.ts'

/** The trees of a forest, one node after the other. */
export interface TreeNodes {
  /** The number that a node looks at; -1 for a leaf. */
  readonly features: Int16Array
  /** Smaller values go left. For a leaf: how long the path to it counts. */
  readonly thresholds: Float32Array
  /** The node on the left; the one on the right follows it. */
  readonly lefts: Int32Array
  /** The first node of each tree. */
  readonly roots: Int32Array
}

const eulerGamma = 0.5772156649015329

/** The mean length of a path to one of so many vectors, in a tree that splits them by chance. */
export function usualPath(count: number): number {
  if (count <= 1) return 0
  if (count === 2) return 1
  return 2 * (Math.log(count - 1) + eulerGamma) - (2 * (count - 1)) / count
}

/** Grows trees from rows of numbers. */
export class TreeGrower {
  readonly #rows: Float64Array
  readonly #size: number
  readonly #numbers: SeededNumbers
  readonly #features: number[] = []
  readonly #thresholds: number[] = []
  readonly #lefts: number[] = []
  readonly #roots: number[] = []

  constructor(rows: Float64Array, size: number, numbers: SeededNumbers) {
    this.#rows = rows
    this.#size = size
    this.#numbers = numbers
  }

  /** Grows a tree from the rows with these numbers; their order changes. */
  grow(members: Int32Array): void {
    const root = this.#newNode()
    this.#roots.push(root)
    this.#split(root, members, 0, Math.ceil(Math.log2(Math.max(2, members.length))))
  }

  finish(): TreeNodes {
    return {
      features: Int16Array.from(this.#features),
      thresholds: Float32Array.from(this.#thresholds),
      lefts: Int32Array.from(this.#lefts),
      roots: Int32Array.from(this.#roots),
    }
  }

  #newNode(): number {
    this.#features.push(-1)
    this.#thresholds.push(0)
    this.#lefts.push(0)
    return this.#features.length - 1
  }

  #split(node: number, members: Int32Array, depth: number, depthMax: number): void {
    const chosen = depth < depthMax && members.length > 1 ? this.#choose(members) : undefined
    if (chosen === undefined) {
      this.#thresholds[node] = depth + usualPath(members.length)
      return
    }
    const { feature, threshold } = chosen
    let smaller = 0
    for (let place = 0; place < members.length; place++) {
      const member = members[place] as number
      if (this.#value(member, feature) >= threshold) continue
      members[place] = members[smaller] as number
      members[smaller++] = member
    }
    const left = this.#newNode()
    this.#newNode()
    this.#features[node] = feature
    this.#thresholds[node] = threshold
    this.#lefts[node] = left
    this.#split(left, members.subarray(0, smaller), depth + 1, depthMax)
    this.#split(left + 1, members.subarray(smaller), depth + 1, depthMax)
  }

  /** A number that varies, and a value between its least and its most. */
  #choose(members: Int32Array): { readonly feature: number; readonly threshold: number } | undefined {
    const first = this.#numbers.below(this.#size)
    for (let turn = 0; turn < this.#size; turn++) {
      const feature = (first + turn) % this.#size
      let least = Number.POSITIVE_INFINITY
      let most = Number.NEGATIVE_INFINITY
      for (const member of members) {
        const value = this.#value(member, feature)
        least = Math.min(least, value)
        most = Math.max(most, value)
      }
      const threshold = Math.fround(least + (most - least) * this.#numbers.next())
      if (threshold > least && threshold <= most) return { feature, threshold }
    }
    return undefined
  }

  #value(member: number, feature: number): number {
    return this.#rows[member * this.#size + feature] as number
  }
}
