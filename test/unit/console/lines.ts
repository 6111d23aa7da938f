import type { StreamedLine } from '../../../console/react/stream/log-line.ts'

/** Lines of one partition whose messages are their offsets. */
export function lines(from: number, to: number, more: Readonly<Record<string, unknown>> = {}): StreamedLine[] {
  return Array.from({ length: to - from }, (_, index) => ({
    topic: 'logs',
    partition: 0,
    offset: from + index,
    timeMs: 1_000_000 + from + index,
    log: { level: 'info', message: `line ${from + index}`, ...more },
  }))
}
