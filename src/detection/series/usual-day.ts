import type { ByteReader, ByteWriter } from './state-bytes.ts'

const places = 48

/** What each hour of a workday and of a day of the weekend usually shows: running means. */
export class UsualDay {
  readonly #usual = new Float32Array(places).fill(Number.NaN)

  /** Undefined where nothing was seen. */
  at(place: number): number | undefined {
    const usual = this.#usual[place] as number
    return Number.isNaN(usual) ? undefined : usual
  }

  /** The mean moves by `share` of the distance. */
  add(place: number, value: number, share: number): void {
    const usual = this.at(place) ?? value
    this.#usual[place] = usual + share * (value - usual)
  }

  write(writer: ByteWriter): void {
    for (let place = 0; place < places; place++) {
      const usual = this.at(place)
      writer.whole(usual === undefined ? 0 : 1)
      if (usual !== undefined) writer.float32(usual)
    }
  }

  read(reader: ByteReader): void {
    for (let place = 0; place < places; place++) {
      if (reader.whole() === 1) this.#usual[place] = reader.float32()
    }
  }
}
