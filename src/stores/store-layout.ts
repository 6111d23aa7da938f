import { segmentMsOf, versionSegmentMsOf } from './retention.ts'
import type { StoreSpec } from './store-spec.ts'

/**
 * How the rows of a store lie on disk. What was written in one layout is read wrongly in another, silently: rows that are
 * looked for in other segments, values that begin with a timestamp or do not.
 */
export function layoutOf(spec: StoreSpec): string {
  switch (spec.kind) {
    case 'versioned':
      return `${spec.kind}, segments of ${spec.segmentMs ?? versionSegmentMsOf(spec.historyMs)} ms`
    case 'window':
    case 'timestamped-window':
    case 'session': {
      const keys = spec.kind !== 'session' && spec.retainDuplicates ? ', with duplicates' : ''
      const index = spec.timeOrdered ? ', by time' : ''
      return `${spec.kind}, segments of ${segmentMsOf(spec.retentionMs)} ms${keys}${index}`
    }
    default:
      return spec.kind
  }
}
