// `npm run streams:picture`: a picture of the section Streams of the console, with a worker of the fleet and generated logs,
// into docs/images/.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { fleetWorker } from '../fleet/fleet-worker.ts'
import { startFeeder } from '../fleet/start/feeder.ts'
import { startObservedWorker } from '../fleet/start/observed-worker.ts'
import { fleetTopics } from '../fleet/topics.ts'
import { type KafkaConnection, MemoryCluster, openKafka, silentLogger, systemClock } from '../src/index.ts'
import { startLiveTail } from '../src/live-tail/index.ts'
import { ensureTopics } from '../src/worker/index.ts'
import { chromiumProgram, chromiumUnavailable } from './chromium.mjs'
import { packageRoot } from './lab/folders.mjs'
import { say } from './setup.mjs'

const missing = chromiumUnavailable()
if (missing !== undefined) {
  say(missing)
  process.exit(2)
}

const liveTail = 'fastmcp-enriched-logs'
const connection: KafkaConnection = { driver: 'memory', cluster: new MemoryCluster({ clock: systemClock }) }
await ensureTopics(connection, fleetTopics(1, { liveTail }))
const environment = { LIVE_TAIL_TOPIC: liveTail, COMMIT_INTERVAL_MS: '500', KAFKA_OFFSET_RESET: 'earliest' }
const options = { environment, logger: () => silentLogger, sinks: [] }
const worker = await startObservedWorker(fleetWorker('application', 'demonstration'), connection, options)
await worker.application.waitFor('RUNNING', 60_000)
const feeder = await startFeeder(connection, { rate: 500, seed: 7 })
const kafka = openKafka(connection, silentLogger)
const server = await startLiveTail(kafka, {
  topics: [liveTail],
  port: 0,
  logger: silentLogger,
  pagesDirectory: join(packageRoot(), 'dist', 'console'),
  workers: { addresses: [worker.address] },
})
const browser = await chromium.launch({ executablePath: chromiumProgram() ?? '', args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1200, height: 680 }, colorScheme: 'light' })
await page.goto(`http://127.0.0.1:${server.port}/#/streams`)
await page.locator('.mr-flowing').nth(2).waitFor()
// Rates of three answers.
await systemClock.sleep(7000)
const folder = join(packageRoot(), 'docs', 'images')
await mkdir(folder, { recursive: true })
await page.screenshot({ path: join(folder, 'streams.png') })
await browser.close()
await server.close()
await feeder.stop()
await worker.close()
await kafka.close()
