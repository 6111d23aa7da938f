import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { type CDPSession, chromium, type Page } from 'playwright-core'
import { chromiumProgram, chromiumUnavailable } from '../scripts/chromium.mjs'
import { openKafka, silentLogger } from '../src/index.ts'
import { startLiveTail } from '../src/live-tail/index.ts'
import { MemoryKafka } from '../src/testing/index.ts'
import { goalLine } from './goal.ts'
import { loadLog } from './tail/tail-load.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- console')
  .description('The page of the console in Chromium while lines come: how long keys and frames take, and its memory.')
  .option('--rate <lines>', 'lines a second', wholeNumber(1), 5000)
  .option('--seconds <count>', 'how long', wholeNumber(1), 30)
  .parse()
  .opts<{ rate: number; seconds: number }>()

const topic = 'logs'
const partitions = 4
const tickMs = 20
/** Somebody presses a key so often. */
const keyMs = 500
const logs = Array.from({ length: 20_000 }, (_, number) => Buffer.from(loadLog(number)))

/** In the page: the longest time from a key to the next picture, and the longest task. */
const observers = `
window.bench = { keyMs: 0, keys: 0, taskMs: 0, tasks: 0 }
new PerformanceObserver((list) => {
  for (const { duration, name } of list.getEntries()) {
    if (name !== 'keydown') continue
    bench.keys++
    bench.keyMs = Math.max(bench.keyMs, duration)
  }
}).observe({ type: 'event', durationThreshold: 16 })
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    bench.tasks++
    bench.taskMs = Math.max(bench.taskMs, duration)
  }
}).observe({ type: 'longtask' })`

interface Observed {
  readonly keyMs: number
  readonly keys: number
  readonly taskMs: number
  readonly tasks: number
}

const missing = chromiumUnavailable()
if (missing !== undefined) {
  console.error(missing)
  process.exit(2)
}

async function heapMb(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1_048_576
}

/** Presses keys until the time is over, and resolves to the most memory that was seen. */
async function use(page: Page, session: CDPSession, untilMs: number): Promise<number> {
  let mostMb = 0
  for (let round = 0; Date.now() < untilMs; round++) {
    // Every tenth key pauses or resumes, the others write into the search.
    if (round % 10 === 0) await page.getByRole('button', { name: /^(Pause|Resume)$/ }).press('Enter')
    else await page.getByRole('searchbox').press(round % 10 < 5 ? 'c' : 'Backspace')
    mostMb = Math.max(mostMb, await heapMb(session))
    await sleep(keyMs)
  }
  return mostMb
}

const memory = new MemoryKafka({ topics: { [topic]: partitions } })
const kafka = openKafka(memory.connection)
const server = await startLiveTail(kafka, {
  topics: [topic],
  port: 0,
  logger: silentLogger,
  linesPerSecondMax: options.rate * 3,
  queueLinesMax: 20_000,
  pagesDirectory: join(import.meta.dirname, '..', 'console'),
})
const browser = await chromium.launch({ executablePath: chromiumProgram() ?? '', args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(`http://127.0.0.1:${server.port}/`)
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  await page.evaluate(observers)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const beginMs = Date.now()
  const endMs = beginMs + options.seconds * 1000
  const used = use(page, session, endMs)
  let sent = 0
  while (Date.now() < endMs) {
    const nowMs = Date.now()
    for (const due = ((nowMs - beginMs) * options.rate) / 1000; sent < due; sent++)
      memory.cluster.append(topic, sent % partitions, null, logs[sent % logs.length] as Buffer, nowMs, [])
    await sleep(tickMs)
  }
  const mostMb = await used
  const { keyMs: slowestKeyMs, keys, taskMs, tasks } = await page.evaluate<Observed>('bench')
  const status = await page.locator('.mr-status').innerText()
  console.log(
    `${sent.toLocaleString('en')} lines in ${options.seconds} s, ${options.rate.toLocaleString('en')} per second`,
  )
  console.log(status.replaceAll('\n', ' · '))
  console.log(`keys that took more than 16 ms: ${keys}, tasks of more than 50 ms: ${tasks}`)
  console.log(goalLine({ about: 'the slowest key, from press to picture', most: 100, unit: ' ms' }, slowestKeyMs))
  console.log(goalLine({ about: 'the longest task of the page', most: 100, unit: ' ms' }, taskMs))
  console.log(goalLine({ about: 'heap of the page, the most', most: 300, unit: ' MiB' }, mostMb))
  console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`)
} finally {
  await browser.close()
  await server.close()
  await kafka.close()
}
process.exit(0)
