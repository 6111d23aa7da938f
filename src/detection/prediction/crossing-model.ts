import { MillraceError } from '../../core/errors.ts'
import { unknownNames } from '../../core/unknown-names.ts'
import { integersOf, refuse } from '../integer-options.ts'
import { sealed, unsealed } from '../models/model-bytes.ts'
import { SeededNumbers } from '../models/seeded-numbers.ts'
import { ByteWriter } from '../series/state-bytes.ts'
import { BoostedTrees } from './boosted-trees.ts'
import { boosted } from './boosting.ts'
import { type BoostingOptions, boostingSettings } from './boosting-options.ts'
import { Calibration } from './calibration.ts'
import { crossingFeatureCount } from './crossing-features.ts'
import { SmallNetwork } from './small-network.ts'
import { averagePrecision, type ShareFound, shareFound } from './ranking.ts'

/** How a model of crossings is trained. */
export interface CrossingOptions extends BoostingOptions {
  /** How many units the network has. Default 16. */
  readonly hidden?: number
  /** How often the network learns from each row. Default 1. */
  readonly epochs?: number
  /** The same seed and rows train the same model. Default 1. */
  readonly seed?: number
}

/** What a model showed on the rows that were held back from its training. */
export interface CrossingFigures {
  /** How many rows there were. */
  readonly rows: number
  /** The share of them after which the limit was exceeded. */
  readonly baseShare: number
  /** The mean precision over all thresholds; a model that says nothing has `baseShare`. */
  readonly averagePrecision: number
  /** From a probability of 0.8 on. */
  readonly atReport: ShareFound
}

const version = 1
const positivesMin = 20
/** Networks differ by where they began: their mean does less. */
const networkCount = 4
/** From this probability on, by default, something is reported. */
export const reportedFrom = 0.8
/** This share of the pieces of the rows is held back, drawn by chance, so that it has no rhythm. */
const heldBackShare = 0.2
const piecesMax = 100
const heldBackSeed = 17
const integers = {
  hidden: { least: 1, most: 256, otherwise: 16 },
  epochs: { least: 1, most: 1000, otherwise: 1 },
  seed: { least: 0, most: 4_294_967_295, otherwise: 1 },
} as const
const boostingNames = ['trees', 'leaves', 'leafRows', 'learningRate']

/**
 * Says how likely a limit is exceeded within the horizon: boosted trees and small networks over the rows of
 * `CrossingFeatures`, whose mean is made a probability by rows that neither has learned from.
 */
export class CrossingModel {
  /** What the model showed on the rows that were held back. */
  readonly figures: CrossingFigures
  /** How many rows it has learned from. */
  readonly learned: number
  readonly #trees: BoostedTrees
  readonly #networks: readonly SmallNetwork[]
  readonly #calibration: Calibration

  private constructor(parts: CrossingParts) {
    this.#trees = parts.trees
    this.#networks = parts.networks
    this.#calibration = parts.calibration
    this.learned = parts.learned
    this.figures = parts.figures
  }

  /**
   * Trains a model from rows of one series or of many, one after the other in one array, and for each row whether the
   * limit was exceeded within the horizon. Rows of one series come in the order of their time. It takes seconds:
   * `trainInThread` does the same in a thread of its own.
   * Throws TRAINING_DATA where fewer than 20 rows of either kind are left to learn from or to hold back, INVALID_SETTINGS with all
   * that is wrong with the options.
   */
  static train(rows: Float64Array, labels: Uint8Array, options: CrossingOptions = {}): CrossingModel {
    const { boosting, hidden, epochs, seed } = crossingSettings(options)
    const isHeldBack = heldBackPieces(labels.length)
    const learned = partOf(rows, labels, (row) => !isHeldBack(row))
    const held = partOf(rows, labels, isHeldBack)
    for (const [name, { labels: some }] of [['to learn from', learned] as const, ['held back', held] as const])
      requireBoth(name, some)
    const trees = boosted(learned.rows, learned.labels, crossingFeatureCount, boosting, seed)
    const networks = Array.from({ length: networkCount }, (_, index) =>
      SmallNetwork.train(learned.rows, learned.labels, crossingFeatureCount, { hidden, epochs, seed: seed + index }),
    )
    const scores = Float64Array.from(held.labels, (_, row) =>
      scoreOf(trees, networks, held.rows, row * crossingFeatureCount),
    )
    const calibration = Calibration.of(scores, held.labels)
    const parts = { trees, networks, calibration, learned: learned.labels.length, figures: noFigures }
    const figures = new CrossingModel(parts).figuresOn(held.rows, held.labels)
    return new CrossingModel({ ...parts, figures })
  }

  /** The model of the bytes. Throws MODEL_UNREADABLE where they are damaged or of another form. */
  static fromBytes(bytes: Uint8Array): CrossingModel {
    const reader = unsealed('crossing', version, bytes)
    const [learned, rows, reported] = [reader.whole(), reader.whole(), reader.whole()]
    const number = (): number => reader.float64()
    const figures: CrossingFigures = {
      rows,
      baseShare: number(),
      averagePrecision: number(),
      atReport: { reported, precision: number(), recall: number() },
    }
    const trees = BoostedTrees.read(reader)
    const networks = Array.from({ length: networkCount }, () => SmallNetwork.read(reader))
    return new CrossingModel({ learned, figures, trees, networks, calibration: Calibration.read(reader) })
  }

  /** The probability for the row of numbers that begins at a place. */
  probability(rows: Float64Array, first = 0): number {
    return this.#calibration.probability(scoreOf(this.#trees, this.#networks, rows, first))
  }

  /** What the model shows on rows, such as those of the last day: whether it may take the place of another one. */
  figuresOn(rows: Float64Array, labels: Uint8Array): CrossingFigures {
    const probabilities = Float64Array.from(labels, (_, row) => this.probability(rows, row * crossingFeatureCount))
    return {
      rows: labels.length,
      baseShare: labels.reduce((sum, label) => sum + label, 0) / Math.max(1, labels.length),
      averagePrecision: averagePrecision(probabilities, labels),
      atReport: shareFound(probabilities, labels, reportedFrom),
    }
  }

  /** The model as bytes: kind, version and checksum come first. */
  toBytes(): Uint8Array {
    const { rows, baseShare, averagePrecision: ap, atReport } = this.figures
    const writer = new ByteWriter()
    for (const value of [this.learned, rows, atReport.reported]) writer.whole(value)
    for (const value of [baseShare, ap, atReport.precision, atReport.recall]) writer.float64(value)
    this.#trees.write(writer)
    for (const network of this.#networks) network.write(writer)
    this.#calibration.write(writer)
    return sealed('crossing', version, writer)
  }
}

/**
 * The model to use from now on: the new one, unless it has a lower average precision on these rows, such as those of the
 * last day, than the one in use.
 */
export function betterModel(
  current: CrossingModel,
  next: CrossingModel,
  rows: Float64Array,
  labels: Uint8Array,
): CrossingModel {
  const [before, after] = [current, next].map((model) => model.figuresOn(rows, labels).averagePrecision) as [
    number,
    number,
  ]
  return after < before ? current : next
}

interface CrossingParts {
  readonly trees: BoostedTrees
  readonly networks: readonly SmallNetwork[]
  readonly calibration: Calibration
  readonly learned: number
  readonly figures: CrossingFigures
}

const noFigures: CrossingFigures = Object.freeze({
  rows: 0,
  baseShare: 0,
  averagePrecision: 0,
  atReport: Object.freeze({ reported: 0, precision: 0, recall: 0 }),
})

/** Trees and networks count the same. */
function scoreOf(trees: BoostedTrees, networks: readonly SmallNetwork[], rows: Float64Array, first: number): number {
  let sum = 0
  for (const network of networks) sum += network.logOdds(rows, first)
  return (trees.logOdds(rows, first) + sum / networks.length) / 2
}

function crossingSettings(options: CrossingOptions): Record<keyof typeof integers, number> & {
  readonly boosting: Required<BoostingOptions>
} {
  const problems = unknownNames(options, [...Object.keys(integers), ...boostingNames])
  const settings = integersOf(options, integers, problems)
  refuse('crossing', problems)
  const { hidden: _hidden, epochs: _epochs, seed: _seed, ...boosting } = options
  return { ...settings, boosting: boostingSettings(boosting) }
}

/** Whether a row is held back: pieces are long, because neighbors resemble each other. */
function heldBackPieces(rowCount: number): (row: number) => boolean {
  const size = Math.max(1, Math.ceil(rowCount / piecesMax))
  const numbers = new SeededNumbers(heldBackSeed)
  const isHeldBack = Array.from({ length: piecesMax }, () => numbers.next() < heldBackShare)
  return (row) => isHeldBack[Math.floor(row / size)] === true
}

function partOf(
  rows: Float64Array,
  labels: Uint8Array,
  isIn: (row: number) => boolean,
): { readonly rows: Float64Array; readonly labels: Uint8Array } {
  return {
    rows: rows.filter((_, place) => isIn(Math.floor(place / crossingFeatureCount))),
    labels: labels.filter((_, row) => isIn(row)),
  }
}

function requireBoth(name: string, labels: Uint8Array): void {
  const positive = labels.reduce((sum, label) => sum + label, 0)
  const fewest = Math.min(positive, labels.length - positive)
  if (fewest >= positivesMin) return
  const sentence = `crossing: of the rows ${name}, ${positive} of ${labels.length} exceeded the limit: give rows with at least ${positivesMin} that did and that did not`
  throw new MillraceError('TRAINING_DATA', 'fatal', sentence, { details: { count: fewest, needed: positivesMin } })
}
