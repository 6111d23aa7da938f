import { sealed, unsealed } from '../models/model-bytes.ts'
import { SeededNumbers } from '../models/seeded-numbers.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { type OnlineForestOptions, onlineForestSettings } from './forest-options.ts'
import { GrowingTree } from './growing-tree.ts'
import { contributionsOf, type Judgement, usual, type VectorModel } from './vector-model.ts'

const version = 1
const scoreBuckets = 256
/** A forest is young before it has seen as many vectors as so many leaves hold. */
const youngLeaves = 8
/** Larger numbers have no place in a box of 32 bits. */
const valueMax = 1e37

/**
 * An isolation forest that grows with its vectors and forgets the oldest ones, so that nothing is trained at night. It
 * adapts to drift within its memory. Its state is bytes: about 70 to 200 KB for 8 numbers and 2,016 vectors.
 * @example
 * ```ts
 * const forest = new OnlineForest({ featureCount: 2 })
 * for (let minute = 0; minute < 500; minute++) {
 *   const vector = Float64Array.of(minute % 60, (minute * 7919) % 100)
 *   const { excess } = forest.judge(vector)
 *   forest.learn(vector)
 * }
 * OnlineForest.fromBytes(forest.toBytes())
 * ```
 */
export class OnlineForest implements VectorModel {
  readonly steps = 1
  readonly #settings: Required<OnlineForestOptions>
  readonly #numbers: SeededNumbers
  readonly #trees: readonly GrowingTree[]
  /** What is remembered, the oldest one at `#next` once it is full. */
  readonly #memory: Float32Array
  /** The score that each had when it came. */
  readonly #scores: Uint8Array
  readonly #scoreCounts = new Uint32Array(scoreBuckets)
  readonly #vector: Float32Array
  readonly #means: Float64Array
  #learned = 0

  /** A forest that has seen nothing. Throws INVALID_SETTINGS with all that is wrong. */
  constructor(options: OnlineForestOptions) {
    this.#settings = onlineForestSettings(options)
    const { featureCount, trees, memoryVectors, leafVectors, seed } = this.#settings
    this.#numbers = new SeededNumbers(seed)
    const levels = Math.max(1, Math.floor(Math.log2(memoryVectors / leafVectors)) + 1)
    const shape = { featureCount, leafVectors, levels }
    this.#trees = Array.from({ length: trees }, () => new GrowingTree(shape, this.#numbers))
    this.#memory = new Float32Array(memoryVectors * featureCount)
    this.#scores = new Uint8Array(memoryVectors)
    this.#vector = new Float32Array(featureCount)
    this.#means = new Float64Array(featureCount)
  }

  /** The forest of the bytes. Throws MODEL_UNREADABLE where they are damaged or of another form. */
  static fromBytes(bytes: Uint8Array): OnlineForest {
    const reader = unsealed('online-forest', version, bytes)
    const whole = (): number => reader.whole()
    const forest = new OnlineForest({
      featureCount: whole(),
      trees: whole(),
      memoryVectors: whole(),
      leafVectors: whole(),
      seed: whole(),
      falseAlarmShare: reader.float64(),
    })
    forest.#learned = reader.whole()
    const remembered = forest.#remembered
    for (let place = 0; place < remembered * forest.featureCount; place++) forest.#memory[place] = reader.float32()
    for (let place = 0; place < remembered; place++) {
      forest.#scores[place] = reader.whole()
      forest.#countScore(place, 1)
    }
    for (let feature = 0; feature < forest.featureCount; feature++) forest.#means[feature] = reader.float64()
    for (const tree of forest.#trees) tree.read(reader)
    return forest
  }

  get featureCount(): number {
    return this.#settings.featureCount
  }

  get learned(): number {
    return this.#learned
  }

  /** The score that few of the remembered vectors had exceeded. */
  get scoreLimit(): number {
    let counted = 0
    for (const count of this.#scoreCounts) counted += count
    if (counted === 0) return 1
    const most = counted * this.#settings.falseAlarmShare
    let bucket = scoreBuckets - 1
    for (let above = this.#scoreCounts[bucket] as number; above <= most && bucket > 0; ) {
      bucket--
      above += this.#scoreCounts[bucket] as number
    }
    return (bucket + 1) / scoreBuckets
  }

  /** From 0 to 1, more for a vector that lies in a box with few others. Missing numbers count as usual. */
  score(vector: ArrayLike<number>): number {
    const taken = this.#take(vector)
    let depth = 0
    for (const tree of this.#trees) depth += tree.depth(taken)
    return this.#scoreOf(depth)
  }

  judge(vector: Float64Array): Judgement {
    const score = this.score(vector)
    const limit = this.scoreLimit
    const excess = Math.log2(limit) / Math.log2(score) - 1
    if (!(excess > 0)) return usual
    const other = vector.slice()
    const parts = this.#means.map((mean, feature) => {
      other[feature] = mean
      const part = score - this.score(other)
      other[feature] = vector[feature] as number
      return part
    })
    return { excess, contributions: contributionsOf(vector, (feature) => this.#means[feature] as number, parts) }
  }

  /** Learns a vector, and forgets the oldest one where the memory is full. */
  learn(vector: ArrayLike<number>): void {
    const { featureCount, memoryVectors } = this.#settings
    const taken = this.#take(vector)
    const place = this.#learned % memoryVectors
    if (this.#learned >= memoryVectors) this.#forget(place)
    let depth = 0
    for (const tree of this.#trees) depth += tree.learn(taken)
    this.#scores[place] = Math.min(scoreBuckets - 1, Math.floor(this.#scoreOf(depth) * scoreBuckets))
    this.#memory.set(taken, place * featureCount)
    this.#learned++
    this.#countScore(place, 1)
    const share = 1 / this.#remembered
    for (let feature = 0; feature < featureCount; feature++) {
      const mean = this.#means[feature] as number
      this.#means[feature] = mean + ((taken[feature] as number) - mean) * share
    }
  }

  toBytes(): Uint8Array {
    const { featureCount, trees, memoryVectors, leafVectors, falseAlarmShare } = this.#settings
    const writer = new ByteWriter()
    // The state of the numbers is a seed that continues with the same ones.
    for (const value of [featureCount, trees, memoryVectors, leafVectors, this.#numbers.state]) writer.whole(value)
    writer.float64(falseAlarmShare)
    writer.whole(this.#learned)
    for (let place = 0; place < this.#remembered * featureCount; place++) writer.float32(this.#memory[place] as number)
    for (let place = 0; place < this.#remembered; place++) writer.whole(this.#scores[place] as number)
    for (const mean of this.#means) writer.float64(mean)
    for (const tree of this.#trees) tree.write(writer)
    return sealed('online-forest', version, writer)
  }

  get #remembered(): number {
    return Math.min(this.#learned, this.#settings.memoryVectors)
  }

  #forget(place: number): void {
    const { featureCount } = this.#settings
    const oldest = this.#memory.subarray(place * featureCount, (place + 1) * featureCount)
    for (const tree of this.#trees) tree.forget(oldest)
    this.#countScore(place, -1)
  }

  /** The first scores are those of a forest that knows nothing: they say nothing about later ones. */
  #countScore(place: number, change: 1 | -1): void {
    const { memoryVectors, leafVectors } = this.#settings
    const turn = Math.floor((this.#learned - 1 - place) / memoryVectors)
    if (turn * memoryVectors + place < youngLeaves * leafVectors) return
    const bucket = this.#scores[place] as number
    this.#scoreCounts[bucket] = (this.#scoreCounts[bucket] as number) + change
  }

  #scoreOf(depths: number): number {
    const { trees, leafVectors } = this.#settings
    const usualDepth = Math.log2(Math.max(2, this.#remembered / leafVectors))
    return 2 ** (-depths / trees / usualDepth)
  }

  #take(vector: ArrayLike<number>): Float32Array {
    for (let feature = 0; feature < this.#vector.length; feature++) {
      const value = vector[feature] as number
      this.#vector[feature] = Number.isNaN(value)
        ? (this.#means[feature] as number)
        : Math.max(-valueMax, Math.min(valueMax, value))
    }
    return this.#vector
  }
}
