import type { OperatorKind, OperatorSpec } from '../topology/operator-spec.ts'

/** The spec of one kind of operator, such as `SpecOf<'filter'>`. */
export type SpecOf<Kind extends OperatorKind> = Extract<OperatorSpec, { readonly kind: Kind }>
