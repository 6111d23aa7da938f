import { sealed } from '../models/model-bytes.ts'
import type { SeriesDetector } from '../series/series-detector.ts'
import { ByteWriter } from '../series/state-bytes.ts'

/** The form of the bytes. */
export const seriesVersion = 1

/** The state of a detector as a model: with kind, version and checksum. */
export function seriesBytes(detector: SeriesDetector): Uint8Array {
  const state = detector.toBytes()
  const writer = new ByteWriter()
  writer.whole(state.length)
  for (const byte of state) writer.whole(byte)
  return sealed('series', seriesVersion, writer)
}
