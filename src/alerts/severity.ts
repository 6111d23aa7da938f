/** How bad an alert is, from the lowest. */
export const severities = ['low', 'medium', 'high', 'critical'] as const
/** One of `severities`. */
export type Severity = (typeof severities)[number]
