import type { StoreSpec } from '../stores/store-spec.ts'
import { topologyInvalid } from '../topology/build-error.ts'
import { plainProcessor } from '../topology/logical-node.ts'
import type { OperatorSpec } from '../topology/operator-spec.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from '../topology/processor.ts'
import type { StreamCore } from './handles.ts'
import { type NameOption, nameOf } from './options.ts'
import { appendProcessor } from './stream-operators.ts'

export interface ProcessOptions extends NameOption {
  /** Names of stores that the processor uses; those that its supplier brings are connected by themselves. */
  readonly stores?: readonly string[] | undefined
}

/** process(): may change keys. A given name uses up no number here, unlike everywhere else. */
export function processStream(core: StreamCore, supplier: AnyProcessorSupplier, options?: ProcessOptions): StreamCore {
  const name = nameOf(options) ?? core.dsl.graph.names.processor('KSTREAM-PROCESSOR-')
  const node = processorNode(name, { kind: 'processor', supplier }, supplier.stores, options?.stores)
  return Object.freeze({
    ...appendProcessor(core, node, 'keeps'),
    key: undefined,
    value: undefined,
    repartitionRequired: true,
  })
}

export function processStreamValues(
  core: StreamCore,
  supplier: AnyFixedKeyProcessorSupplier,
  options?: ProcessOptions,
): StreamCore {
  const name = nameOf(options) ?? core.dsl.graph.names.processor('KSTREAM-PROCESSVALUES-')
  const node = processorNode(name, { kind: 'fixed-key-processor', supplier }, supplier.stores, options?.stores)
  return appendProcessor(core, node, 'changes-value')
}

function processorNode(
  name: string,
  operator: OperatorSpec,
  own: readonly StoreSpec[] | undefined,
  connected: readonly string[] | undefined,
): ReturnType<typeof plainProcessor> {
  for (const store of connected ?? []) {
    if (typeof store !== 'string')
      throw topologyInvalid(`Processor ${name} lists a store that is not a name; pass names in \`stores\``, name)
  }
  return plainProcessor(name, operator, {
    isUserProcessor: true,
    stores: (own ?? []).map((spec) => ({ spec })),
    connects: () => connected ?? [],
  })
}
