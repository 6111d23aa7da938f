import { MillraceError } from '../core/errors.ts'
import type { OperatorKind, OperatorSpec } from './operator-spec.ts'
import type { TableLineage, TableNeeds } from './table-lineage.ts'

/** Fields of operator specs whose values are known only once the graph is complete. */
type ResolvedField = 'sendOldValues' | 'inputSendsOldValues' | 'inputVersioned' | 'materialized' | 'source'

/** The fields of each kind that the DSL leaves open. */
const openFields = Object.freeze({
  'stream-aggregate': ['sendOldValues'],
  'window-aggregate': ['sendOldValues'],
  'sliding-aggregate': ['sendOldValues'],
  'session-aggregate': ['sendOldValues'],
  'stream-to-table': ['materialized', 'sendOldValues'],
  'table-filter': ['materialized', 'inputVersioned', 'sendOldValues'],
  'table-map-values': ['materialized', 'inputSendsOldValues', 'sendOldValues'],
  'table-transform-values': ['source', 'materialized', 'sendOldValues'],
  'table-group-by': ['inputVersioned'],
  'table-aggregate': ['sendOldValues'],
  suppress: ['sendOldValues'],
  'foreign-key-subscription-send': ['inputVersioned'],
  'foreign-key-right-change': ['inputVersioned'],
  'foreign-key-result': ['materialized', 'sendOldValues'],
} as const satisfies { readonly [kind in OperatorKind]?: readonly ResolvedField[] })

type OpenFields = typeof openFields
type Open<Spec> = Spec extends { readonly kind: infer Kind }
  ? Kind extends keyof OpenFields
    ? Omit<Spec, OpenFields[Kind][number]>
    : Spec
  : never

/** An operator as the DSL describes it: plain data, without what only the whole graph can answer. */
export type OperatorDraft = Open<OperatorSpec>

/** The facts about the place of an operator in the graph. */
export interface OperatorFacts {
  readonly needs: TableNeeds
  /** At least one input is a versioned table, or derives from versioned tables only. */
  readonly inputVersioned: boolean
}

const resolvers: {
  readonly [field in ResolvedField]: (lineage: TableLineage, facts: OperatorFacts) => unknown
} = {
  sendOldValues: (lineage, { needs }) => needs.sendsOldValues(lineage),
  inputSendsOldValues: (lineage, { needs }) => needs.sendsOldValues(parentOf(lineage)),
  inputVersioned: (_, { inputVersioned }) => inputVersioned,
  materialized: (lineage, { needs }) => needs.materialization(lineage),
  source: (lineage, { needs }) => needs.view(parentOf(lineage)),
}

/**
 * Completes a draft, once per operator, when the graph is written: by then no call of the DSL can add a need. `lineage`
 * is that of the table that the operator makes, or reads if it makes none.
 */
export function resolveSpec(
  draft: OperatorDraft,
  lineage: TableLineage | undefined,
  facts: OperatorFacts,
): OperatorSpec {
  const fields: readonly ResolvedField[] = openFields[draft.kind as keyof OpenFields] ?? []
  if (fields.length === 0) return draft as OperatorSpec
  const resolved = fields.map((field) => [field, resolvers[field](lineage as TableLineage, facts)])
  return Object.freeze({ ...draft, ...Object.fromEntries(resolved) }) as OperatorSpec
}

function parentOf(lineage: TableLineage): TableLineage {
  if (lineage.kind === 'derived' || lineage.kind === 'suppress') return lineage.parent
  throw new MillraceError('ASSERTION', 'fatal', `a table of kind ${lineage.kind} does not derive from one table`)
}
