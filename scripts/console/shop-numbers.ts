import { string } from '../../src/index.ts'
import type { MemoryKafka } from '../../src/testing/index.ts'

const minuteMs = 60_000
const services = Object.entries({ payments: 420, checkout: 350, search: 270, catalog: 180, mail: 90 })
const componentShares = Object.entries({ gateway: 0.55, database: 0.3, queue: 0.1 })
/** Alerts of the last hour, as rule, severity, status and how many minutes ago they began. */
const alerts = [
  ['payments-errors', 'critical', 'firing', 29],
  ['checkout-slow', 'high', 'resolved', 41],
  ['mail-queue', 'medium', 'firing', 8],
] as const

/** Writes what log workers would have counted of a small shop until a time, with an incident half an hour before. */
export function writeShopNumbers(kafka: MemoryKafka, nowMs: number): void {
  const texts = { key: string(), value: string() }
  const [rates, alertTopic] = [kafka.topic('rates', texts), kafka.topic('alerts', texts)]
  for (let minute = 75; minute > 1; minute--) {
    for (const [index, [key, logs]] of services.entries()) {
      const startMs = nowMs - minute * minuteMs
      const isIncident = minute > 20 && minute <= 31
      const wave = 1 + Math.sin(minute / 9 + index) / 3 + ((minute * 7 + index * 3) % 11) / 60
      const total = Math.round(logs * wave)
      const error = Math.round(total * (isIncident && index < 2 ? 0.14 - 0.08 * index : 0.004 + 0.002 * (minute % 3)))
      const [warn, debug] = [Math.round(total * 0.05), Math.round(total * 0.2)]
      const slowMs = (isIncident && index < 2 ? 1900 : 240) * wave
      const report = {
        key,
        worker: 'application',
        startMs,
        endMs: startMs + minuteMs,
        total,
        errors: error,
        levels: { debug, info: total - error - warn - debug, warn, error },
        components: Object.fromEntries(componentShares.map(([name, share]) => [name, Math.round(total * share)])),
        durations: [
          [14 * wave, total * 0.8],
          [60 * wave, total * 0.14],
          [slowMs, total * 0.06],
        ].map(([upToMs = 0, count = 0]) => [Math.round(upToMs), Math.round(count)]),
      }
      rates.write(key, JSON.stringify(report), { partition: 0, timestamp: nowMs })
    }
  }
  for (const [rule, severity, status, minute] of alerts) {
    const alert = { id: rule, rule, severity, status, startedAt: nowMs - minute * minuteMs }
    alertTopic.write(rule, JSON.stringify(alert), { partition: 0, timestamp: nowMs })
  }
}
