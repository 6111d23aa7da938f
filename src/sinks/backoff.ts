/** Exponential delays with full jitter: many writers that failed at once do not come back at once. */
export interface BackoffSettings {
  readonly baseMs: number
  readonly capMs: number
}

export const defaultBackoff: BackoffSettings = Object.freeze({ baseMs: 200, capMs: 10_000 })

/** The delay after this many failures in a row (1 for the first); `random` is in [0, 1). */
export function backoffDelayMs(settings: BackoffSettings, failures: number, random: number): number {
  const ceilingMs = Math.min(settings.capMs, settings.baseMs * 2 ** Math.min(failures - 1, 30))
  return Math.ceil(ceilingMs / 2 + (ceilingMs / 2) * random)
}
