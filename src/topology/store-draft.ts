import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../stores/store-spec.ts'

type Draft<Spec> = Spec extends StoreSpec
  ? Omit<Spec, 'key' | 'value'> & {
      readonly key: Serde<unknown> | undefined
      readonly value: Serde<unknown> | undefined
    }
  : never

/** A store as the DSL describes it: its serdes may still come from the builder's defaults. */
export type StoreDraft = Draft<StoreSpec>
