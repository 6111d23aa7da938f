import { type ProcessorLogical, processorNode } from '../topology/logical-node.ts'
import type { OperatorDraft } from '../topology/resolve-spec.ts'
import type { StreamCore } from './core.ts'
import { type NameOption, nameOf } from './common-options.ts'

/**
 * How an operator changes the keys and values of the records that pass. A changed key or value loses its serde, and a
 * changed key must be repartitioned before anything that needs records by key.
 */
export type Effect = 'keeps' | 'changes-value' | 'changes-key' | 'changes-both'

const effects: { readonly [effect in Effect]: Partial<ProcessorLogical> } = {
  keeps: {},
  'changes-value': { changesValue: true },
  'changes-key': { changesKey: true },
  'changes-both': { changesKey: true },
}

/** Appends one stateless operator to a stream. */
export function appendOperator(
  core: StreamCore,
  prefix: string,
  operator: OperatorDraft,
  effect: Effect,
  options: NameOption | undefined,
): StreamCore {
  const name = core.dsl.graph.names.orGenerated(nameOf(options), prefix)
  return appendProcessor(core, processorNode(name, operator, effects[effect]), effect)
}

/** Appends one node to a stream and returns the stream behind it. */
export function appendProcessor(core: StreamCore, node: ProcessorLogical, effect: Effect): StreamCore {
  const place = core.dsl.graph.append(core.place, node)
  const rekeyed = effect === 'changes-key' || effect === 'changes-both'
  return Object.freeze({
    ...core,
    place,
    name: node.name,
    key: rekeyed ? undefined : core.key,
    value: effect === 'changes-value' || effect === 'changes-both' ? undefined : core.value,
    repartitionRequired: core.repartitionRequired || rekeyed,
  })
}

/** merge: what either of both must repartition, the merged stream must. Serdes stay known where both know the same. */
export function mergeStreams(left: StreamCore, right: StreamCore, options: NameOption | undefined): StreamCore {
  const { graph } = left.dsl
  const name = graph.names.orGenerated(nameOf(options), 'KSTREAM-MERGE-')
  const place = graph.append([left.place, right.place], processorNode(name, { kind: 'pass-through' }, { merges: true }))
  return Object.freeze({
    ...left,
    place,
    name,
    key: left.key ?? right.key,
    value: left.value ?? right.value,
    sources: new Set([...left.sources, ...right.sources]),
    repartitionRequired: left.repartitionRequired || right.repartitionRequired,
  })
}
