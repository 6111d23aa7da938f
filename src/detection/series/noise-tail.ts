import type { ByteReader, ByteWriter } from './state-bytes.ts'

const peaksMax = 48
const peaksMin = 12
/** An event so many times as high as the middle one is an incident, which is not what the series does by itself. */
const incidentFactor = 8
/** So many points with nothing unusual end an event. */
const quietPoints = 12

/**
 * How high the scores of a series rise by themselves (SPOT, Siffer et al. 2017): the highest score of each event, to
 * which a generalized Pareto distribution is fitted. One event counts once, however long it takes.
 */
export class NoiseTail {
  readonly #peaks = new Float32Array(peaksMax)
  #count = 0
  #next = 0
  /** Fading counts of points and of events. */
  #points = 0
  #events = 0
  #highest = 0
  #quiet = 0

  /** Adds the score of a point. Earlier ones keep the share `keep` of their weight. */
  add(score: number, keep: number): void {
    this.#points = this.#points * keep + 1
    this.#events *= keep
    if (score > 0) {
      this.#highest = Math.max(this.#highest, score)
      this.#quiet = 0
    } else if (this.#highest > 0 && ++this.#quiet >= quietPoints) {
      this.#peaks[this.#next] = this.#highest
      this.#next = (this.#next + 1) % peaksMax
      this.#count = Math.min(peaksMax, this.#count + 1)
      this.#events++
      this.#highest = 0
    }
  }

  /** What an event exceeds once in so many points. Undefined while fewer than 12 events are known. */
  exceededOnceIn(points: number): number | undefined {
    if (this.#count < peaksMin) return undefined
    const expected = (points * this.#events) / this.#points
    if (expected <= 1) return 0
    const sorted = this.#peaks.slice(0, this.#count).sort()
    const most = incidentFactor * (sorted[sorted.length >> 1] as number)
    return paretoQuantile(
      sorted.map((peak) => Math.min(peak, most)),
      1 / expected,
    )
  }

  write(writer: ByteWriter): void {
    for (const value of [this.#points, this.#events, this.#highest]) writer.float64(value)
    writer.whole(this.#quiet)
    writer.whole(this.#count)
    for (let ago = this.#count; ago > 0; ago--) {
      writer.float32(this.#peaks[(this.#next - ago + peaksMax) % peaksMax] as number)
    }
  }

  read(reader: ByteReader): void {
    this.#points = reader.float64()
    this.#events = reader.float64()
    this.#highest = reader.float64()
    this.#quiet = reader.whole()
    this.#count = reader.whole()
    for (let index = 0; index < this.#count; index++) this.#peaks[index] = reader.float32()
    this.#next = this.#count % peaksMax
  }
}

/** The value that is exceeded with the probability, by probability-weighted moments (Hosking and Wallis 1987). */
function paretoQuantile(sorted: Float32Array, probability: number): number {
  let mean = 0
  let weighted = 0
  sorted.forEach((value, index) => {
    mean += value / sorted.length
    weighted += (value * (1 - (index + 0.65) / sorted.length)) / sorted.length
  })
  const spread = mean - 2 * weighted
  // Equal values: all of them are the tail.
  if (spread <= 1e-9 * mean) return mean
  const shape = Math.max(-0.5, Math.min(0.9, 2 - mean / spread))
  const scale = mean * (1 - shape)
  if (Math.abs(shape) < 1e-6) return -scale * Math.log(probability)
  return (scale / shape) * (probability ** -shape - 1)
}
