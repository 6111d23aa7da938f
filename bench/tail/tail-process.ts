import { openKafka, silentLogger } from '../../src/index.ts'
import { startLiveTail } from '../../src/live-tail/index.ts'

/** What the process of the live tail tells its parent: its port first, then what it has cost when it is asked. */
export interface TailCost {
  readonly port?: number
  readonly cpuMs?: number
  readonly rssBytes?: number
  readonly linesRead?: number
}

const [bootstrap = '', topic = ''] = process.argv.slice(2)
const kafka = openKafka({ bootstrap })
const server = await startLiveTail(kafka, {
  topics: [topic],
  port: 0,
  logger: silentLogger,
  viewersMax: 20_000,
  viewersPerUserMax: 20_000,
})
const tell = (cost: TailCost): void => void process.send?.(cost)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  const { linesRead } = server.status()
  tell({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss(), linesRead })
})
tell({ port: server.port })
