import type { SeededNumbers } from '../models/seeded-numbers.ts'
import type { BinnedRows } from './binned-rows.ts'
import type { BoostedNodes } from './boosted-trees.ts'
import type { BoostingOptions } from './boosting-options.ts'

const binCount = 256
/** Keeps leaves of few rows small. */
const penalty = 1
/** Each tree looks at such a share of the numbers, so that trees differ. */
const featureShare = 0.5
/** Of gradients, curvatures and rows, for each bin of each number. */
const sums = 3

interface Split {
  readonly gain: number
  readonly feature: number
  readonly bin: number
}

interface Leaf {
  readonly node: number
  readonly from: number
  readonly to: number
  readonly histogram: Float64Array
  readonly split: Split | undefined
}

/** Builds trees that follow gradients: always splits the leaf that gains most, by histograms of its rows. */
export class TreeBuilder {
  readonly #rows: BinnedRows
  readonly #settings: Required<BoostingOptions>
  readonly #members: Int32Array
  readonly #other: Int32Array
  readonly #gradients: Float64Array
  readonly #curvatures: Float64Array
  readonly #nodes: BoostedNodes
  readonly #numbers: SeededNumbers
  /** In the order of chance: the first ones are those that the tree looks at. */
  readonly #features: Int32Array
  readonly #featuresOfTree: number
  /** Histograms that are not in use. */
  readonly #free: Float64Array[] = []

  /** Appends to `nodes`. Gradients and curvatures of the rows may change between trees. */
  constructor(
    rows: BinnedRows,
    settings: Required<BoostingOptions>,
    gradients: Float64Array,
    curvatures: Float64Array,
    nodes: BoostedNodes,
    numbers: SeededNumbers,
  ) {
    this.#rows = rows
    this.#settings = settings
    this.#gradients = gradients
    this.#curvatures = curvatures
    this.#nodes = nodes
    this.#numbers = numbers
    this.#features = Int32Array.from({ length: rows.featureCount }, (_, feature) => feature)
    this.#featuresOfTree = Math.max(1, Math.round(featureShare * rows.featureCount))
    this.#members = Int32Array.from({ length: rows.rowCount }, (_, row) => row)
    this.#other = new Int32Array(rows.rowCount)
  }

  /** Builds one tree, and calls `moved` with the rows of each leaf and what the leaf adds. */
  build(moved: (rows: Int32Array, value: number) => void): void {
    const root = this.#newNode()
    this.#nodes.roots.push(root)
    this.#numbers.shuffle(this.#features)
    const histogram = this.#take()
    this.#count(histogram, 0, this.#rows.rowCount)
    const leaves = [this.#leaf(root, 0, this.#rows.rowCount, histogram)]
    while (leaves.length < this.#settings.leaves) {
      let best = -1
      for (const [place, { split }] of leaves.entries())
        if (split !== undefined && (best < 0 || split.gain > (leaves[best]?.split?.gain ?? 0))) best = place
      if (best < 0) break
      const leaf = leaves[best] as Leaf
      leaves.splice(best, 1, ...this.#divide(leaf, leaf.split as Split))
    }
    for (const { node, from, to, histogram: used } of leaves) {
      const [gradient, curvature] = this.#totals(used)
      const value = (-this.#settings.learningRate * gradient) / (curvature + penalty)
      this.#nodes.values[node] = value
      moved(this.#members.subarray(from, to), value)
      this.#free.push(used)
    }
  }

  #newNode(): number {
    this.#nodes.features.push(-1)
    this.#nodes.values.push(0)
    this.#nodes.lefts.push(0)
    return this.#nodes.features.length - 1
  }

  #take(): Float64Array {
    return this.#free.pop()?.fill(0) ?? new Float64Array(this.#rows.featureCount * binCount * sums)
  }

  #leaf(node: number, from: number, to: number, histogram: Float64Array): Leaf {
    return { node, from, to, histogram, split: this.#bestSplit(histogram, to - from) }
  }

  #count(histogram: Float64Array, from: number, to: number): void {
    const { bins, featureCount } = this.#rows
    for (let member = from; member < to; member++) {
      const row = this.#members[member] as number
      const gradient = this.#gradients[row] as number
      const curvature = this.#curvatures[row] as number
      for (let feature = 0, place = row * featureCount; feature < featureCount; feature++, place++) {
        const sum = (feature * binCount + (bins[place] as number)) * sums
        histogram[sum] = (histogram[sum] as number) + gradient
        histogram[sum + 1] = (histogram[sum + 1] as number) + curvature
        histogram[sum + 2] = (histogram[sum + 2] as number) + 1
      }
    }
  }

  /** Gradients, curvatures and rows of all bins of the first number: of all rows. */
  #totals(histogram: Float64Array): readonly [gradient: number, curvature: number] {
    let [gradient, curvature] = [0, 0]
    for (let bin = 0; bin < binCount; bin++) {
      gradient += histogram[bin * sums] as number
      curvature += histogram[bin * sums + 1] as number
    }
    return [gradient, curvature]
  }

  #bestSplit(histogram: Float64Array, rowCount: number): Split | undefined {
    const { leafRows } = this.#settings
    if (rowCount < 2 * leafRows) return undefined
    const [gradient, curvature] = this.#totals(histogram)
    const whole = gradient ** 2 / (curvature + penalty)
    let [bestGain, bestFeature, bestBin] = [1e-9, -1, 0]
    for (let place = 0; place < this.#featuresOfTree; place++) {
      const feature = this.#features[place] as number
      const lastBin = (this.#rows.edges[feature] as Float64Array).length
      let [left, leftCurvature, leftRows] = [0, 0, 0]
      for (let bin = 0; bin <= lastBin; bin++) {
        const sum = (feature * binCount + bin) * sums
        left += histogram[sum] as number
        leftCurvature += histogram[sum + 1] as number
        leftRows += histogram[sum + 2] as number
        if (leftRows < leafRows) continue
        if (rowCount - leftRows < leafRows) break
        const right = gradient - left
        const gain = left ** 2 / (leftCurvature + penalty) + right ** 2 / (curvature - leftCurvature + penalty) - whole
        if (gain > bestGain) [bestGain, bestFeature, bestBin] = [gain, feature, bin]
      }
    }
    return bestFeature < 0 ? undefined : { gain: bestGain, feature: bestFeature, bin: bestBin }
  }

  /** The histogram of one half is what is left of that of the whole without the other half. */
  #divide({ node, from, to, histogram }: Leaf, { feature, bin }: Split): readonly Leaf[] {
    const middle = this.#partition(from, to, feature, bin)
    const left = this.#newNode()
    this.#newNode()
    this.#nodes.features[node] = feature
    this.#nodes.values[node] =
      bin === 0 ? Number.NEGATIVE_INFINITY : ((this.#rows.edges[feature] as Float64Array)[bin - 1] as number)
    this.#nodes.lefts[node] = left
    const isLeftSmaller = middle - from <= to - middle
    const smaller = this.#take()
    if (isLeftSmaller) this.#count(smaller, from, middle)
    else this.#count(smaller, middle, to)
    for (let place = 0; place < histogram.length; place++)
      histogram[place] = (histogram[place] as number) - (smaller[place] as number)
    const [ofLeft, ofRight] = isLeftSmaller ? [smaller, histogram] : [histogram, smaller]
    return [this.#leaf(left, from, middle, ofLeft), this.#leaf(left + 1, middle, to, ofRight)]
  }

  /** Moves the rows of the left half to the front, in their order. */
  #partition(from: number, to: number, feature: number, bin: number): number {
    const { bins, featureCount } = this.#rows
    let [left, right] = [from, 0]
    for (let member = from; member < to; member++) {
      const row = this.#members[member] as number
      if ((bins[row * featureCount + feature] as number) <= bin) this.#members[left++] = row
      else this.#other[right++] = row
    }
    this.#members.set(this.#other.subarray(0, right), left)
    return left
  }
}
