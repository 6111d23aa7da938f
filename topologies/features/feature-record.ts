import type { ComponentCorrelation, WindowFeatures } from '../../src/detection/index.ts'

export interface FeatureStreamOptions {
  /** Of the windows, which do not overlap. */
  readonly windowMs: number
  readonly graceMs: number
  readonly featuresTopic: string
  /** Which kind of logs, as records say it. */
  readonly kind: string
}

/** What the logs of a service, or of one of its components, said in a window that has ended. */
export interface FeatureRecord extends Omit<WindowFeatures, 'scope'> {
  readonly service: string
  /** Undefined: all logs of the service. */
  readonly component: string | undefined
  readonly endMs: number
  /** Which kind of logs. */
  readonly kind: string
  /** Of the service: how its components move together, over the last windows. */
  readonly correlations?: readonly ComponentCorrelation[]
}

/** No name of a service has it. */
const separator = '\u0000'

/** What features are summed up by. */
export function scopeOf(service: string, component: string | undefined): string {
  return component === undefined ? service : service + separator + component
}

export function partsOf(scope: string): { readonly service: string; readonly component: string | undefined } {
  const at = scope.indexOf(separator)
  if (at < 0) return { service: scope, component: undefined }
  return { service: scope.slice(0, at), component: scope.slice(at + 1) }
}
