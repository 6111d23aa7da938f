import { json, jsonView, type StreamsBuilder, string } from '../../src/index.ts'
import type { Log } from './logs.ts'

interface Host {
  readonly datacenter: string
}
interface Service {
  readonly owner: string
  readonly tier: string
}
type Enriched = Log & Partial<Host & Service>
type Read = Pick<Enriched, 'host' | 'datacenter' | 'owner' | 'tier'>

const key = string()

function tables(builder: StreamsBuilder) {
  return {
    hosts: builder.globalTable('hosts', { key, value: json<Host>() }),
    services: builder.table('services', { key, value: json<Service>() }),
  }
}

export function enrichViews(builder: StreamsBuilder, output: string, seen: () => void): void {
  const value = jsonView<Read>({ host: 'string', datacenter: 'string', owner: 'string', tier: 'string' })
  const { hosts, services } = tables(builder)
  const hostOf = (_: string, { host }: Read): string => {
    seen()
    return host
  }
  builder
    .stream('logs', { key, value })
    .join(hosts, hostOf, (log, { datacenter }) => log.with({ datacenter }))
    .join(services, (log, { owner, tier }) => log.with({ owner, tier }), { key, value })
    .to(output, { key, value })
}

export function enrichObjects(builder: StreamsBuilder, output: string, seen: () => void): void {
  const value = json<Enriched>()
  const { hosts, services } = tables(builder)
  const hostOf = (_: string, { host }: Read): string => {
    seen()
    return host
  }
  builder
    .stream('logs', { key, value })
    .join(hosts, hostOf, (log, { datacenter }): Enriched => ({ ...log, datacenter }))
    .join(services, (log, { owner, tier }): Enriched => ({ ...log, owner, tier }), { key, value })
    .to(output, { key, value })
}
