/** How much one number of a vector has to do with what is unusual. */
export interface Contribution {
  /** Its place in the vector. */
  readonly index: number
  /** What it was; NaN where it was missing. */
  readonly observed: number
  /** What it usually is, given the other numbers where the model knows them. */
  readonly expected: number
  /** Its part in what is unusual: all parts add up to 1. */
  readonly share: number
}

/** What a model says of the newest vector. */
export interface Judgement {
  /** 0 within what is usual; 1 where the distance is twice the limit. */
  readonly excess: number
  /** The numbers that have most to do with it, the first one most. Empty within what is usual. */
  readonly contributions: readonly Contribution[]
}

/** A model that judges vectors: `PcaModel`, `IsolationForest`, `OnlineForest`, `Autoencoder`. */
export interface VectorModel {
  /** How many numbers a vector has. */
  readonly featureCount: number
  /** How many vectors in a row it looks at; 1 where each is judged by itself. */
  readonly steps: number
  /** How many vectors it has learned from. */
  readonly learned: number
  /**
   * Judges the last of the vectors, of which there are `steps`, one after the other in one array. NaN is a number that is
   * missing, and counts as usual.
   */
  judge(vectors: Float64Array): Judgement
  /** The model as bytes: kind, version and checksum come first. */
  toBytes(): Uint8Array
}

/** As few as name most of what is unusual. */
const contributionsMax = 5
/** A number whose part is smaller is not worth naming. */
const shareMin = 0.02

/** The largest parts, the largest first; what is not positive has none. */
export function contributionsOf(
  observed: Float64Array,
  expected: (index: number) => number,
  parts: Float64Array,
): readonly Contribution[] {
  let sum = 0
  for (const part of parts) sum += Math.max(0, part)
  if (!(sum > 0)) return []
  return Array.from(parts, (part, index) => ({ index, share: Math.max(0, part) / sum }))
    .filter(({ share }) => share >= shareMin)
    .sort((left, right) => right.share - left.share || left.index - right.index)
    .slice(0, contributionsMax)
    .map(({ index, share }) => ({ index, observed: observed[index] as number, expected: expected(index), share }))
}

/** What is judged within what is usual. */
export const usual: Judgement = Object.freeze({ excess: 0, contributions: Object.freeze([]) })
