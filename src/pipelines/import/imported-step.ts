import type { NotConverted } from './blocks.ts'

/** A step of another program's configuration, as one of ours. */
export interface ImportedStep {
  readonly line: number
  readonly kind: string
  readonly options: unknown
  readonly when?: string
  readonly tagOnFailure?: string
}

export interface Imported {
  readonly steps: readonly ImportedStep[]
  readonly notConverted: readonly NotConverted[]
}
