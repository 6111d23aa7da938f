import type { Assembly } from './assembly.ts'
import type { AnyFixedKeyProcessorSupplier, AnyProcessorSupplier } from './processor-api.ts'

/** Wraps the suppliers of processors, for tracing or measuring. */
export interface ProcessorWrapper {
  /** Gets the node's name and its supplier; returns the supplier to use instead. Default: no change. */
  wrapProcessor?(name: string, supplier: AnyProcessorSupplier): AnyProcessorSupplier
  /** As `wrapProcessor`, for the processors of `processValues`. */
  wrapFixedKeyProcessor?(name: string, supplier: AnyFixedKeyProcessorSupplier): AnyFixedKeyProcessorSupplier
}

/**
 * Replaces the suppliers of users' processors, once, before the topology is finished. Operators of the DSL are no
 * processors and stay as they are.
 */
export function wrapProcessors(assembly: Assembly, wrapper: ProcessorWrapper): void {
  for (const node of assembly.nodes.values()) {
    if (node.kind !== 'processor') continue
    const { name, operator } = node
    if (operator.kind === 'processor' && wrapper.wrapProcessor) {
      assembly.nodes.set(name, {
        ...node,
        operator: { ...operator, supplier: wrapper.wrapProcessor(name, operator.supplier) },
      })
    } else if (operator.kind === 'fixed-key-processor' && wrapper.wrapFixedKeyProcessor) {
      assembly.nodes.set(name, {
        ...node,
        operator: { ...operator, supplier: wrapper.wrapFixedKeyProcessor(name, operator.supplier) },
      })
    }
  }
}
