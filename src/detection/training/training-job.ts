import { Autoencoder } from '../autoencoder/autoencoder.ts'
import type { AutoencoderOptions } from '../autoencoder/autoencoder-options.ts'
import { CrossingModel, type CrossingOptions } from '../prediction/crossing-model.ts'
import type { ForestOptions } from '../vectors/forest-options.ts'
import { IsolationForest } from '../vectors/isolation-forest.ts'

/** What is to be trained, from which rows. */
export type TrainingJob =
  | { readonly kind: 'autoencoder'; readonly rows: Float64Array; readonly options: AutoencoderOptions }
  | {
      readonly kind: 'forest'
      readonly rows: Float64Array
      readonly featureCount: number
      readonly options?: ForestOptions
    }
  | {
      readonly kind: 'crossing'
      readonly rows: Float64Array
      readonly labels: Uint8Array
      readonly options?: CrossingOptions
    }

/** Trains what the job says, in this thread, and returns the model as bytes. */
export function trained(job: TrainingJob): Uint8Array {
  switch (job.kind) {
    case 'autoencoder':
      return Autoencoder.train(job.rows, job.options).toBytes()
    case 'forest':
      return IsolationForest.train(job.rows, job.featureCount, job.options).toBytes()
    case 'crossing':
      return CrossingModel.train(job.rows, job.labels, job.options).toBytes()
  }
}

/** What a thread says at its end. */
export type TrainingResult =
  | { readonly bytes: Uint8Array }
  | { readonly code: string | undefined; readonly message: string }
