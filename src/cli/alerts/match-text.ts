import type { Match } from '../../alerts/index.ts'

/** As `--match` takes it. */
export function matchText(match: Match): string {
  const parts = Object.entries(match).flatMap(([name, texts]) => [texts].flat().map((text) => `${name}=${text}`))
  return parts.length === 0 ? 'all alerts' : parts.join(' ')
}
