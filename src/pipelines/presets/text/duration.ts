const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  nanos: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  micros: 1e-3,
  ms: 1,
  millis: 1,
  msecs: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
}

const part = /^(\d{1,15}(?:\.\d{1,15})?) ?([a-zµμ]+)/

/** Milliseconds of `12.5ms`, `1m30.5s`, `845.635µs`; undefined where it is no duration with a unit. */
export function durationMs(text: string): number | undefined {
  let rest = text
  let sum = 0
  while (rest !== '') {
    const found = part.exec(rest)
    const unit = units[found?.[2] ?? '']
    if (found === null || unit === undefined) return undefined
    sum += Number(found[1]) * unit
    rest = rest.slice(found[0].length)
  }
  return text === '' ? undefined : Math.round(sum * 1e6) / 1e6
}
