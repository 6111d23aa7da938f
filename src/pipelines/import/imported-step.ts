import type { NotConverted } from './blocks.ts'

/** A step of another program's configuration, as one of ours. */
export interface ImportedAction {
  readonly line: number
  readonly kind: string
  readonly options: unknown
  readonly when?: string
  readonly tagOnFailure?: string
}

/** Steps that another program applies under a condition, and those for the other events. */
export interface ImportedBranch {
  readonly line: number
  readonly when: string
  readonly steps: readonly ImportedStep[]
  readonly else: readonly ImportedStep[]
}

export type ImportedStep = ImportedAction | ImportedBranch

export interface Imported {
  readonly steps: readonly ImportedStep[]
  readonly notConverted: readonly NotConverted[]
}
