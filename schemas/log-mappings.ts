const keyword = { type: 'keyword', ignore_above: 1024 } as const

/** Elasticsearch mapping of an enriched log: fields that are searched are typed, everything else is kept but not indexed. */
export const logMappings = Object.freeze({
  dynamic: false,
  properties: {
    timestamp: { type: 'date', format: 'epoch_millis||strict_date_optional_time' },
    level: keyword,
    component: keyword,
    service: keyword,
    owner: keyword,
    tier: keyword,
    host: keyword,
    hostname: keyword,
    environment: keyword,
    message: { type: 'text' },
    eventId: keyword,
    correlationId: keyword,
    sessionId: keyword,
    userId: keyword,
    traceId: keyword,
    spanId: keyword,
    durationMs: { type: 'double' },
    statusCode: { type: 'integer' },
    ip: keyword,
    dataClass: keyword,
    tags: keyword,
    priority: { type: 'byte' },
    error: { properties: { type: keyword, message: { type: 'text' } } },
  },
})
