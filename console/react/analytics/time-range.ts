/** How far back a dashboard looks. */
export type TimeRange = keyof typeof rangesMs

const minuteMs = 60_000

export const rangesMs = Object.freeze({
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '6h': 360 * minuteMs,
  '24h': 1440 * minuteMs,
})

export const timeRanges = Object.freeze(Object.keys(rangesMs) as TimeRange[])
