import type { ByteReader, ByteWriter } from './state-bytes.ts'

/** The level is the mean of so many points. */
export const levelPoints = 24
/** The volatility is the standard deviation of so many points. */
export const volatilityPoints = 48

/** The last points of a series without a gap. At its start, views begin with what there is; after a gap they wait. */
export class RecentPoints {
  readonly #values = new Float32Array(volatilityPoints)
  #count = 0
  #next = 0
  #isAfterGap = false

  add(value: number): void {
    this.#values[this.#next] = value
    this.#next = (this.#next + 1) % volatilityPoints
    if (this.#count < volatilityPoints) this.#count++
  }

  /** A gap came. */
  clear(): void {
    this.#isAfterGap ||= this.#count > 0
    this.#count = 0
    this.#next = 0
  }

  /** Mean of the last 24 points; undefined while a gap is among them. */
  get level(): number | undefined {
    const points = this.#pointsOf(levelPoints)
    return points === undefined ? undefined : this.#mean(points)
  }

  /** Standard deviation of the last 48 points; undefined while a gap is among them. */
  get volatility(): number | undefined {
    const points = this.#pointsOf(volatilityPoints)
    if (points === undefined) return undefined
    const mean = this.#mean(points)
    let sum = 0
    for (let ago = points; ago > 0; ago--) sum += (this.#at(ago) - mean) ** 2
    return Math.sqrt(sum / points)
  }

  write(writer: ByteWriter): void {
    writer.whole(this.#isAfterGap ? 1 : 0)
    writer.whole(this.#count)
    for (let ago = this.#count; ago > 0; ago--) writer.float32(this.#at(ago))
  }

  read(reader: ByteReader): void {
    this.#isAfterGap = reader.whole() === 1
    for (let left = reader.whole(); left > 0; left--) this.add(reader.float32())
  }

  #pointsOf(wanted: number): number | undefined {
    const points = Math.min(wanted, this.#count)
    return points === 0 || (this.#isAfterGap && points < wanted) ? undefined : points
  }

  /** In the order of time, so that it does not depend on where the ring begins. */
  #mean(points: number): number {
    const first = this.#at(points)
    let sum = 0
    for (let ago = points; ago > 0; ago--) sum += this.#at(ago) - first
    return first + sum / points
  }

  /** The value of so many points ago; 1 is the newest. */
  #at(ago: number): number {
    return this.#values[(this.#next - ago + volatilityPoints) % volatilityPoints] as number
  }
}
