import type { Alert } from './alert.ts'

const keyword = { type: 'keyword', ignore_above: 512 } as const

/** Elasticsearch mapping of an alert. What differs by rule (`details`) is kept and not indexed. */
export const alertMappings = Object.freeze({
  dynamic: false,
  properties: Object.freeze({
    id: keyword,
    rule: keyword,
    key: keyword,
    status: keyword,
    severity: keyword,
    summary: { type: 'text' },
    timestamp: { type: 'date', format: 'epoch_millis' },
    startedAt: { type: 'date', format: 'epoch_millis' },
    details: { type: 'object', enabled: false },
  } satisfies Record<keyof Alert, object>),
})
