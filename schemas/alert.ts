export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** What a rule found. One alert covers all findings of its rule and key within the rule's quiet time. */
export interface Alert {
  /** Rule and key and the time of the finding: equal for the same finding after a restart. */
  readonly id: string
  readonly rule: string
  readonly key: string
  readonly severity: Severity
  readonly summary: string
  /** Epoch milliseconds of the event time at which it was found. */
  readonly timestamp: number
  readonly details: Readonly<Record<string, number | string>>
}

export function alert(
  rule: string,
  key: string,
  severity: Severity,
  timestamp: number,
  summary: string,
  details: Readonly<Record<string, number | string>>,
): Alert {
  return { id: `${rule}:${key}:${timestamp}`, rule, key, severity, summary, timestamp, details }
}
