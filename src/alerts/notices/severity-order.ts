import { severities, type Severity } from '../severity.ts'

/** 0 is the lowest. */
export function rankOf(severity: Severity): number {
  return severities.indexOf(severity)
}

/** The highest of them; `low` for none. */
export function worstOf(all: Iterable<Severity>): Severity {
  let worst: Severity = 'low'
  for (const severity of all) if (rankOf(severity) > rankOf(worst)) worst = severity
  return worst
}
