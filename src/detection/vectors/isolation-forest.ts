import { MillraceError } from '../../core/errors.ts'
import { readNumbers, sealed, unsealed, writeNumbers } from '../models/model-bytes.ts'
import { quantileOf, sortedNumbers } from '../models/quantiles.ts'
import { SeededNumbers } from '../models/seeded-numbers.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { type ForestOptions, forestSettings } from './forest-options.ts'
import { type TreeNodes, TreeGrower, usualPath } from './isolation-tree.ts'
import { contributionsOf, type Judgement, usual, type VectorModel } from './vector-model.ts'

const version = 1
const rowsMin = 16

/**
 * Judges vectors by how few splits by chance isolate them (Liu et al. 2008). It knows no axes and no shape: what is rare
 * in any of the numbers, or in a few of them together, has a short path. Grown from rows at once, usually every day.
 * @example
 * ```ts
 * const rows = Float64Array.from({ length: 600 }, (_, place) => (place * 7919) % 100)
 * const forest = IsolationForest.train(rows, 3)
 * forest.score([50, 50, 50]) // about 0.4; 0.7 is not usual
 * ```
 */
export class IsolationForest implements VectorModel {
  readonly steps = 1
  readonly featureCount: number
  readonly learned: number
  /** The score that few of the learned vectors exceed. */
  readonly scoreLimit: number
  readonly #nodes: TreeNodes
  readonly #medians: Float64Array
  /** The mean path of a tree by which lengths are divided. */
  readonly #path: number

  private constructor(parts: ForestParts) {
    this.featureCount = parts.medians.length
    this.learned = parts.learned
    this.#path = parts.path
    this.#nodes = parts.nodes
    this.#medians = parts.medians
    this.scoreLimit = parts.scoreLimit
  }

  /**
   * Grows a forest from rows, one after the other in one array. Rows with a number that is missing or infinite are left
   * out. Throws TRAINING_DATA where fewer than 16 are left, INVALID_SETTINGS with all that is wrong with the options.
   */
  static train(rows: Float64Array, featureCount: number, options: ForestOptions = {}): IsolationForest {
    const { trees, sampleVectors, falseAlarmShare, seed } = forestSettings(options)
    const members = usableRows(rows, featureCount)
    const learned = members.length
    if (learned < rowsMin) {
      const sentence = `isolation forest: ${learned} rows are usable: give at least ${rowsMin}`
      throw new MillraceError('TRAINING_DATA', 'fatal', sentence, { details: { count: learned, needed: rowsMin } })
    }
    const numbers = new SeededNumbers(seed)
    const grower = new TreeGrower(rows, featureCount, numbers)
    const sample = Math.min(sampleVectors, learned)
    for (let tree = 0; tree < trees; tree++) {
      numbers.shuffle(members, sample)
      grower.grow(members.slice(0, sample))
    }
    const medians = Float64Array.from({ length: featureCount }, (_, feature) =>
      quantileOf(sortedNumbers(Array.from(members, (row) => rows[row * featureCount + feature] as number)), 0.5),
    )
    const parts = { learned, medians, nodes: grower.finish(), path: usualPath(sample), scoreLimit: 1 }
    const forest = new IsolationForest(parts)
    const scores = Array.from(members, (row) =>
      forest.score(rows.subarray(row * featureCount, (row + 1) * featureCount)),
    )
    return new IsolationForest({ ...parts, scoreLimit: quantileOf(sortedNumbers(scores), 1 - falseAlarmShare) })
  }

  /** The forest of the bytes. Throws MODEL_UNREADABLE where they are damaged or of another form. */
  static fromBytes(bytes: Uint8Array): IsolationForest {
    const reader = unsealed('forest', version, bytes)
    const [featureCount, learned, nodeCount, treeCount] = [
      reader.whole(),
      reader.whole(),
      reader.whole(),
      reader.whole(),
    ]
    const [path, scoreLimit] = [reader.float64(), reader.float64()]
    const medians = readNumbers(reader, featureCount)
    const nodes: TreeNodes = {
      features: new Int16Array(nodeCount),
      thresholds: new Float32Array(nodeCount),
      lefts: new Int32Array(nodeCount),
      roots: new Int32Array(treeCount),
    }
    for (let node = 0; node < nodeCount; node++) {
      nodes.features[node] = reader.whole() - 1
      nodes.thresholds[node] = reader.float32()
      if ((nodes.features[node] as number) >= 0) nodes.lefts[node] = node + reader.whole()
    }
    for (let tree = 0; tree < treeCount; tree++) nodes.roots[tree] = reader.whole()
    return new IsolationForest({ learned, path, scoreLimit, medians, nodes })
  }

  /** From 0 to 1: about 0.5 and less for a usual vector, more the sooner it is isolated. Missing numbers count as usual. */
  score(vector: ArrayLike<number>): number {
    return 2 ** (-this.#meanPath(vector) / this.#path)
  }

  judge(vector: Float64Array): Judgement {
    const path = this.#meanPath(vector)
    const limit = -Math.log2(this.scoreLimit) * this.#path
    const excess = limit / path - 1
    if (!(excess > 0)) return usual
    return {
      excess,
      contributions: contributionsOf(vector, (index) => this.#medians[index] as number, this.#parts(vector, path)),
    }
  }

  toBytes(): Uint8Array {
    const { features, thresholds, lefts, roots } = this.#nodes
    const writer = new ByteWriter()
    for (const count of [this.featureCount, this.learned, features.length, roots.length]) writer.whole(count)
    writer.float64(this.#path)
    writer.float64(this.scoreLimit)
    writeNumbers(writer, this.#medians)
    for (const [node, feature] of features.entries()) {
      writer.whole(feature + 1)
      writer.float32(thresholds[node] as number)
      if (feature >= 0) writer.whole((lefts[node] as number) - node)
    }
    for (const root of roots) writer.whole(root)
    return sealed('forest', version, writer)
  }

  #meanPath(vector: ArrayLike<number>): number {
    const { features, thresholds, lefts, roots } = this.#nodes
    let sum = 0
    for (const root of roots) {
      let node = root
      let feature = features[node] as number
      while (feature >= 0) {
        const given = vector[feature] as number
        const value = Number.isNaN(given) ? (this.#medians[feature] as number) : given
        node = (lefts[node] as number) + (value < (thresholds[node] as number) ? 0 : 1)
        feature = features[node] as number
      }
      sum += thresholds[node] as number
    }
    return sum / roots.length
  }

  /** By how much the path becomes longer with the usual value in the place of each number. */
  #parts(vector: Float64Array, path: number): Float64Array {
    const other = vector.slice()
    return this.#medians.map((median, feature) => {
      other[feature] = median
      const part = this.#meanPath(other) - path
      other[feature] = vector[feature] as number
      return part
    })
  }
}

interface ForestParts {
  readonly learned: number
  readonly path: number
  readonly scoreLimit: number
  readonly medians: Float64Array
  readonly nodes: TreeNodes
}

function usableRows(rows: Float64Array, featureCount: number): Int32Array {
  const count = Math.floor(rows.length / featureCount)
  return Int32Array.from(Array.from({ length: count }).keys()).filter((row) => {
    for (let place = row * featureCount; place < (row + 1) * featureCount; place++)
      if (!Number.isFinite(rows[place])) return false
    return true
  })
}
