const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

/** `12.5/s`, `1,204/s`; a dash where it is not known. */
export function rateText(perSecond: number | undefined): string {
  if (perSecond === undefined) return '–'
  return `${perSecond < 100 ? tenths.format(perSecond) : whole.format(perSecond)}/s`
}

/** `1,204`; a dash where it is not known. */
export function countText(count: number | undefined): string {
  return count === undefined ? '–' : whole.format(count)
}

/** `35 %` of a restore; empty where there is none. */
export function restoreText({
  restored,
  remaining,
}: {
  readonly restored: number
  readonly remaining: number
}): string {
  if (remaining === 0) return ''
  return `restoring, ${Math.floor((restored / (restored + remaining)) * 100)} %, ${whole.format(remaining)} records left`
}
