/** A number for each step; null: there is none. */
export type Series = readonly (number | null)[]

/** The answer of `GET /analytics`, as docs/live-tail.md describes it. */
export interface Numbers {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  readonly windowMs: number
  readonly knownFromMs: number
  readonly knownToMs: number
  readonly times: readonly number[]
  readonly total: Series
  readonly errors: Series
  readonly levels: Readonly<Record<string, Series>>
  readonly durations: { readonly p50: Series; readonly p95: Series; readonly p99: Series }
  readonly services: readonly ServiceNumbers[]
  readonly components: readonly { readonly name: string; readonly total: Series }[]
  readonly alerts?: AlertNumbers
}

export interface ServiceNumbers {
  readonly name: string
  readonly total: Series
  readonly errors: Series
  readonly p95Ms: number | null
}

export interface AlertNumbers {
  readonly open: Readonly<Record<string, number>>
  readonly begun: Readonly<Record<string, readonly number[]>>
  readonly rules: readonly { readonly rule: string; readonly open: number; readonly begun: number }[]
  readonly otherRules: number
}

export function sumOf(series: Series): number {
  return series.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

/** Of 100, in each step; null where there is nothing to compare with. */
export function shares(parts: Series, wholes: Series): Series {
  return wholes.map((whole, index) => {
    const part = parts[index]
    return whole === null || whole === 0 || part === null || part === undefined ? null : (100 * part) / whole
  })
}
