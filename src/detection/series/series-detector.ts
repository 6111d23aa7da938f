import { DecayedHistogram, type UsualRange } from './decayed-histogram.ts'
import { type DetectorSettings, scoreOf } from './detector-settings.ts'
import { NoiseTail } from './noise-tail.ts'
import { levelPoints, RecentPoints } from './recent-points.ts'
import { ByteReader, ByteWriter } from './state-bytes.ts'
import { UsualDay } from './usual-day.ts'
import { type Verdict, type ViewName, viewNames, type ViewReading } from './verdict.ts'

/** The first byte of a state: another form is not read. */
const formOfState = 1
/** Weight of a new point where nothing has faded since; it doubles until all counts are halved. */
const pointWeight = 16
/** A later score must be so much farther outside to be reported within the cool-down. */
const worseFactor = 2
/** So many ranges outside, a value counts as one that is no farther: one wrong value moves no mean far. */
const rangesMax = 10
/** Larger numbers lose their meaning in the sums of a view. */
const valueMax = 1e37

/**
 * Watches one series of evenly spaced points: four views of what is unusual, each beside its own past, which fades. It
 * scores a point, then learns it. What it says depends on nothing but settings and points, and its state is bytes.
 * @example
 * ```ts
 * const settings = detectorSettings({ intervalMs: 60_000 })
 * const detector = new SeriesDetector(settings)
 * const verdict = detector.observe(412, Date.UTC(2026, 0, 5))
 * if (verdict.isAlert) console.log(reasonOf(verdict))
 * SeriesDetector.restore(detector.toBytes(), settings)
 * ```
 */
export class SeriesDetector {
  readonly #settings: DetectorSettings
  readonly #histograms: Readonly<Record<ViewName, DecayedHistogram>> = {
    value: new DecayedHistogram(),
    level: new DecayedHistogram(),
    volatility: new DecayedHistogram(),
    season: new DecayedHistogram(),
  }
  readonly #recent = new RecentPoints()
  readonly #day = new UsualDay()
  readonly #tail = new NoiseTail()
  #points = 0
  /** By how much the weight of a point has grown since counts were halved: 1 to 2. */
  #growth = 1
  #lastMs = Number.NEGATIVE_INFINITY
  #lastCounter = Number.NaN
  #reportedMs = Number.NEGATIVE_INFINITY
  #reportedSum = 0

  /** A detector that has seen nothing. */
  constructor(settings: DetectorSettings) {
    this.#settings = settings
  }

  /** The detector of the bytes; one that has seen nothing where there are none, or they are of another form. */
  static restore(bytes: Uint8Array | null | undefined, settings: DetectorSettings): SeriesDetector {
    const detector = new SeriesDetector(settings)
    if (bytes === null || bytes === undefined || bytes[0] !== formOfState) return detector
    detector.#read(new ByteReader(bytes.subarray(1)))
    return detector
  }

  /**
   * Scores a point, and learns it. Points come in the order of their time.
   * @param mayReport False: the point is no alert, whatever its score, such as one that was made of few records.
   * @param strictness So many times as far outside it has to lie, as `strictnessAt` says. Default 1.
   */
  observe(value: number, timeMs: number, mayReport = true, strictness = 1): Verdict {
    if (!Number.isFinite(value) || Math.abs(value) > valueMax) return this.#unused('unusable')
    if (timeMs <= this.#lastMs) return this.#unused('late')
    const { intervalMs, isCounter } = this.#settings
    if (timeMs - this.#lastMs > levelPoints * intervalMs) this.#recent.clear()
    this.#lastMs = timeMs
    if (!isCounter) return this.#observe(value, timeMs, mayReport, strictness)
    const before = this.#lastCounter
    this.#lastCounter = value
    return value >= before ? this.#observe(value - before, timeMs, mayReport, strictness) : this.#unused('unusable')
  }

  /** The state, about 1 to 2 KB. */
  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    writer.whole(formOfState)
    writer.whole(this.#points)
    for (const value of [this.#growth, this.#lastMs, this.#lastCounter, this.#reportedMs, this.#reportedSum]) {
      writer.float64(value)
    }
    for (const part of this.#parts()) part.write(writer)
    return writer.finish()
  }

  #read(reader: ByteReader): void {
    this.#points = reader.whole()
    this.#growth = reader.float64()
    this.#lastMs = reader.float64()
    this.#lastCounter = reader.float64()
    this.#reportedMs = reader.float64()
    this.#reportedSum = reader.float64()
    for (const part of this.#parts()) part.read(reader)
  }

  #parts(): readonly { write(writer: ByteWriter): void; read(reader: ByteReader): void }[] {
    return [...viewNames.map((name) => this.#histograms[name]), this.#recent, this.#day, this.#tail]
  }

  #observe(value: number, timeMs: number, mayReport: boolean, strictness: number): Verdict {
    const { warmUpPoints, seasonShare, placeOf } = this.#settings
    const isWarm = this.#points >= warmUpPoints
    const range = this.#histograms.value.rangeOf(value)
    const tamed = isWarm ? within(value, range) : value
    this.#recent.add(tamed)
    const place = placeOf(timeMs)
    const usual = this.#day.at(place)
    const views = [
      reading('value', value, range),
      this.#view('level', this.#recent.level),
      this.#view('volatility', this.#recent.volatility),
      this.#view('season', usual === undefined ? undefined : value - usual),
    ]
    let sum = 0
    if (isWarm) for (const view of views) sum += view?.excess ?? 0
    const isAlert = sum > 0 && mayReport && this.#isToReport(sum / strictness, timeMs)
    const { median } = this.#histograms.value
    this.#learn(views, sum)
    this.#day.add(place, tamed, seasonShare)
    return {
      status: isWarm ? 'scored' : 'warming-up',
      score: scoreOf(sum / strictness),
      isAlert,
      unusual: sum > 0 ? views.filter(isUnusual).sort((left, right) => right.excess - left.excess) : [],
      median,
      ...this.#learned(),
    }
  }

  #view(name: ViewName, observed: number | undefined): ViewReading | undefined {
    return observed === undefined ? undefined : reading(name, observed, this.#histograms[name].rangeOf(observed))
  }

  #learn(views: readonly (ViewReading | undefined)[], sum: number): void {
    const { memoryPoints } = this.#settings
    const keep = 1 - 1 / memoryPoints
    this.#growth /= keep
    if (this.#growth >= 2) {
      this.#growth /= 2
      for (const name of viewNames) this.#histograms[name].halve()
    }
    const weight = Math.round(pointWeight * this.#growth)
    for (const view of views) if (view !== undefined) this.#histograms[view.name].add(view.observed, weight)
    this.#tail.add(sum, keep)
    this.#points++
  }

  /** The first point of what is unusual, and again what is much worse. */
  #isToReport(sum: number, timeMs: number): boolean {
    const { cooldownMs, threshold, falseAlarmEveryPoints } = this.#settings
    if (scoreOf(sum) < threshold) return false
    if (timeMs - this.#reportedMs < cooldownMs && sum < worseFactor * this.#reportedSum) return false
    if (falseAlarmEveryPoints > 0 && sum < (this.#tail.exceededOnceIn(falseAlarmEveryPoints) ?? 0)) return false
    this.#reportedMs = timeMs
    this.#reportedSum = sum
    return true
  }

  #unused(status: 'unusable' | 'late'): Verdict {
    return { status, score: 0, isAlert: false, unusual: [], median: this.#histograms.value.median, ...this.#learned() }
  }

  #learned(): Pick<Verdict, 'learnedMs' | 'memoryMs'> {
    const { intervalMs, memoryPoints } = this.#settings
    return { learnedMs: this.#points * intervalMs, memoryMs: memoryPoints * intervalMs }
  }
}

function reading(name: ViewName, observed: number, { low, high, width, excess }: UsualRange): ViewReading {
  return { name, observed, low, high, width, excess }
}

function isUnusual(view: ViewReading | undefined): view is ViewReading {
  return view !== undefined && view.excess > 0
}

/** The value, or the nearest one that lies no more than ten ranges outside. */
function within(value: number, { low, high, width }: UsualRange): number {
  return Math.max(low - rangesMax * width, Math.min(high + rangesMax * width, value))
}
