import type { LogRecord } from '../../schemas/log-record.ts'
import type { Random } from './random.ts'

type ServiceLog = LogRecord & { readonly service: string }

export const serviceNames = Object.freeze(['checkout', 'payments', 'catalog', 'search', 'identity', 'shipping'])

const components = ['http', 'database', 'cache', 'queue', 'scheduler'] as const
const messages = [
  'request handled',
  'cache miss for key product:%',
  'order % accepted',
  'session % refreshed for user%@example.com',
  'batch of % items written',
] as const
const failures = [
  { type: 'TimeoutError', message: 'upstream did not answer in 3000 ms', statusCode: 504 },
  { type: 'ConnectionError', message: 'connection reset by peer', statusCode: 502 },
  { type: 'ValidationError', message: 'amount must be positive', statusCode: 400 },
] as const

export function applicationLog(
  random: Random,
  eventId: string,
  timestampMs: number,
  shape: { readonly service: string; readonly errorShare: number },
): ServiceLog {
  const base = {
    eventId,
    timestamp: new Date(timestampMs).toISOString(),
    service: shape.service,
    component: random.pick(components),
    hostname: `node-${random.below(20)}`,
    environment: 'production',
    traceId: hex(random, 16),
    durationMs: Math.floor(-Math.log(1 - random.next()) * 40),
    ip: `10.0.${random.below(8)}.${random.below(250)}`,
  }
  if (random.chance(shape.errorShare)) {
    const { type, message, statusCode } = random.pick(failures)
    return { ...base, level: 'error', message: `${type}: ${message}`, statusCode, error: { type, message } }
  }
  const message = random.pick(messages).replaceAll('%', () => String(random.below(10_000)))
  return { ...base, level: random.chance(0.1) ? 'debug' : 'info', message, statusCode: 200 }
}

export function auditLog(random: Random, eventId: string, timestampMs: number): ServiceLog {
  const userId = `user${random.below(500)}`
  const action = random.pick(['login succeeded', 'role changed', 'report exported', 'settings updated'])
  return {
    eventId,
    timestamp: timestampMs,
    level: 'info',
    service: 'identity',
    component: 'audit',
    message: `${action} for ${userId}`,
    userId,
    sessionId: hex(random, 8),
    ip: `192.168.${random.below(4)}.${random.below(250)}`,
  }
}

/** One of many from the same address on the same account. */
export function loginFailure(random: Random, eventId: string, timestampMs: number): ServiceLog {
  return {
    eventId,
    timestamp: timestampMs,
    level: 'warn',
    service: 'identity',
    component: 'audit',
    message: 'Failed password for admin from 203.0.113.9',
    userId: 'admin',
    sessionId: hex(random, 8),
    ip: '203.0.113.9',
  }
}

export function performanceLog(random: Random, eventId: string, timestampMs: number): ServiceLog {
  const totalDuration = Math.floor(200 - Math.log(1 - random.next()) * 300)
  return {
    eventId,
    timestamp: timestampMs,
    level: 'info',
    service: 'scenarios',
    component: 'execution',
    message: 'scenario executed',
    durationMs: totalDuration,
    scenarioId: `scenario-${random.below(40)}`,
    executionId: hex(random, 12),
    organizationId: `org-${random.below(10)}`,
    performance: {
      totalDuration,
      dataProcessed: random.below(1_000_000),
      apiCallsCount: random.below(50),
      creditsConsumed: random.below(20),
    },
  }
}

function hex(random: Random, digits: number): string {
  let text = ''
  while (text.length < digits) text += random.below(0x1_0000).toString(16).padStart(4, '0')
  return text.slice(0, digits)
}
