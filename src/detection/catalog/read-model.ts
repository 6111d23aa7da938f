import { Autoencoder } from '../autoencoder/autoencoder.ts'
import { unsealed } from '../models/model-bytes.ts'
import { CrossingModel } from '../prediction/crossing-model.ts'
import { type DetectorOptions, detectorSettings } from '../series/detector-settings.ts'
import { SeriesDetector } from '../series/series-detector.ts'
import { IsolationForest } from '../vectors/isolation-forest.ts'
import { PcaModel } from '../vectors/pca-model.ts'
import type { VectorModel } from '../vectors/vector-model.ts'
import { seriesVersion } from './series-bytes.ts'
import { type TrainedModel, unreadable } from './trained-model.ts'

/** A model that was read. */
export type ReadModel =
  | { readonly kind: 'vectors'; readonly model: VectorModel }
  | { readonly kind: 'crossing'; readonly model: CrossingModel }
  | { readonly kind: 'series'; readonly detector: () => SeriesDetector; readonly fresh: () => SeriesDetector }

/** Reads the bytes of a model. Throws MODEL_UNREADABLE, and INVALID_SETTINGS for options of a series that cannot be used. */
export function readModel(trained: TrainedModel): ReadModel {
  const bytes = Uint8Array.from(Buffer.from(trained.bytes, 'base64'))
  const read = reading(trained, bytes)
  if (read.kind === 'vectors' && read.model.featureCount !== trained.features.length) {
    const names = trained.features.join(', ')
    throw unreadable(
      `the model has vectors of ${read.model.featureCount} numbers, and ${trained.features.length} names (${names}): train it again`,
    )
  }
  return read
}

function reading(trained: TrainedModel, bytes: Uint8Array): ReadModel {
  switch (trained.kind) {
    case 'pca':
      return vectors(whole(trained, () => PcaModel.fromBytes(bytes)))
    case 'forest':
      return vectors(whole(trained, () => IsolationForest.fromBytes(bytes)))
    case 'autoencoder':
      return vectors(whole(trained, () => Autoencoder.fromBytes(bytes)))
    case 'crossing':
      return { kind: 'crossing', model: whole(trained, () => CrossingModel.fromBytes(bytes)) }
    case 'series': {
      const settings = detectorSettings(detectorOptionsOf(trained))
      const state = whole(trained, () => seriesState(bytes))
      return {
        kind: 'series',
        detector: () => SeriesDetector.restore(state, settings),
        fresh: () => new SeriesDetector(settings),
      }
    }
  }
}

/** The options of the detector of a series. */
function detectorOptionsOf({ options, intervalMs }: TrainedModel): DetectorOptions {
  return { ...options, intervalMs }
}

function seriesState(bytes: Uint8Array): Uint8Array {
  const reader = unsealed('series', seriesVersion, bytes)
  const size = reader.whole()
  return Uint8Array.from({ length: size }, () => reader.whole())
}

function vectors(model: VectorModel): ReadModel {
  return { kind: 'vectors', model }
}

/** Bytes that end too early are bytes that cannot be read, whatever read them. */
function whole<Model>({ kind }: TrainedModel, read: () => Model): Model {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw unreadable(`bytes of the model '${kind}' end too early: train it again, or use an earlier version`)
  }
}
