import type { StoreSpec } from '../stores/store-spec.ts'
import { topologyInvalid } from '../topology/build-error.ts'
import { type ProcessorLogical, processorNode } from '../topology/logical-node.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from '../topology/processor-api.ts'
import type { OperatorDraft } from '../topology/resolve-spec.ts'
import type { StreamCore } from './core.ts'
import { type NameOption, nameOf } from './common-options.ts'
import { appendProcessor } from './stream-operators.ts'

/** Options of `process` and `processValues`. */
export interface ProcessOptions extends NameOption {
  /** Names of stores that the processor uses; the stores of its supplier are connected automatically. */
  readonly stores?: readonly string[] | undefined
}

/** process(): may change keys. A given name uses up no number here, unlike everywhere else. */
export function processStream(core: StreamCore, supplier: AnyProcessorSupplier, options?: ProcessOptions): StreamCore {
  const name = nameOf(options) ?? core.dsl.graph.names.processor('KSTREAM-PROCESSOR-')
  const node = userProcessor(name, { kind: 'processor', supplier }, supplier?.stores, options?.stores)
  return Object.freeze({
    ...appendProcessor(core, node, 'keeps'),
    key: undefined,
    value: undefined,
    repartitionRequired: true,
  })
}

/** processValues(): appends a fixed-key-processor node; keys stay, so nothing is repartitioned. */
export function processStreamValues(
  core: StreamCore,
  supplier: AnyFixedKeyProcessorSupplier,
  options?: ProcessOptions,
): StreamCore {
  const name = nameOf(options) ?? core.dsl.graph.names.processor('KSTREAM-PROCESSVALUES-')
  const node = userProcessor(name, { kind: 'fixed-key-processor', supplier }, supplier?.stores, options?.stores)
  return appendProcessor(core, node, 'changes-value')
}

/** The node of a user's processor, with the stores that its supplier brings and those that the options name. */
function userProcessor(
  name: string,
  operator: OperatorDraft,
  own: readonly StoreSpec[] | undefined,
  connected: readonly string[] | undefined,
): ProcessorLogical {
  for (const store of connected ?? []) {
    if (typeof store !== 'string')
      throw topologyInvalid(
        `processor ${name} lists a store by something that is not a name: pass names in stores`,
        name,
      )
  }
  return processorNode(name, operator, {
    isUserProcessor: true,
    stores: own ?? [],
    connects: connected ?? [],
  })
}
