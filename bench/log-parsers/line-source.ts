import { closeSync, openSync, writeSync } from 'node:fs'
import { type Random, seededRandom } from '../../fleet/generator/random.ts'
import type { Level } from '../../src/pipelines/index.ts'
import type { LevelCounts } from './checked-output.ts'
import type { SourceName } from './peer.ts'

/** A line with the level that its document has to have. */
interface Line {
  readonly text: string
  readonly level: Level
}

const startMs = Date.parse('2026-11-24T07:00:00Z')
const chunkCharacters = 1024 * 1024
const users = ['-', '-', '-', 'ann', 'bob']
const paths = ['/', '/cart', '/api/orders?page=2', '/static/app.js', '/login', '/search?q=shoes&sort=price']
const browsers = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'curl/8.5.0',
]
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const severities = ['critical', 'critical', 'critical', 'error', 'warn', 'info', 'info', 'debug'] as const
const pinoLevels = [
  [20, 'debug'],
  [30, 'info'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
] as const
const springLevels = [
  [' INFO', 'info'],
  [' INFO', 'info'],
  [' WARN', 'warn'],
  ['ERROR', 'error'],
] as const
const classes = ['shop.cart.CartController', 'shop.orders.OrderService', 'o.s.web.servlet.DispatcherServlet']

const two = (value: number): string => String(value).padStart(2, '0')
const address = (random: Random): string => `203.0.${random.below(256)}.${random.below(256)}`

/** What each program writes by default; values vary, so that no two lines in a row are alike. */
const lineOf: Readonly<Record<SourceName, (random: Random, timeMs: number) => Line>> = {
  nginx(random, timeMs) {
    const time = new Date(timeMs)
    const day = `${two(time.getUTCDate())}/${months[time.getUTCMonth()]}/${time.getUTCFullYear()}`
    const status = random.pick([200, 200, 200, 304, 404, 502])
    const request = `${random.pick(['GET', 'GET', 'POST'])} ${random.pick(paths)} HTTP/1.1`
    const text =
      `${address(random)} - ${random.pick(users)} [${day}:${time.toISOString().slice(11, 19)} +0000] "${request}" ` +
      `${status} ${random.below(90_000)} "https://shop.example/" "${random.pick(browsers)}"`
    return { text, level: status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info' }
  },
  syslog(random, timeMs) {
    const severity = 2 + random.below(6)
    const text =
      `<${16 * 8 + severity}>1 ${new Date(timeMs).toISOString()} fw-${random.below(9)} haproxy ${random.below(30_000)} ` +
      `- [meta@1 zone="dmz" sequence="${random.below(100_000)}"] backend shop has ${random.below(9)} servers left`
    return { text, level: severities[severity] ?? 'info' }
  },
  pino(random, timeMs) {
    const [level, word] = random.pick(pinoLevels)
    const rest = {
      pid: 7,
      hostname: `web-${random.below(9)}`,
      name: 'shop',
      msg: `order ${random.below(100_000)} sent`,
    }
    const request = { req: { id: random.below(100_000), method: 'GET', url: random.pick(paths) }, responseTime: 12.5 }
    return { text: JSON.stringify({ level, time: timeMs, ...rest, ...request }), level: word }
  },
  spring(random, timeMs) {
    const [padded, level] = random.pick(springLevels)
    const text =
      `${new Date(timeMs).toISOString()} ${padded} 1 --- [shop] [nio-8080-exec-${random.below(9)}] ` +
      `${random.pick(classes).padEnd(40)} : order ${random.below(100_000)} of customer ${random.below(9000)} sent`
    return { text, level }
  },
  sshd(random, timeMs) {
    const time = new Date(timeMs)
    const stamp = `${months[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2)} ${time.toISOString().slice(11, 19)}`
    const from = `${address(random)} port ${1024 + random.below(60_000)}`
    const message = random.pick([
      `Failed password for invalid user admin from ${from} ssh2`,
      `Invalid user webmaster from ${from}`,
      `Received disconnect from ${from}:11: Bye Bye [preauth]`,
      `pam_unix(sshd:auth): check pass; user unknown`,
    ])
    return { text: `${stamp} bastion sshd[${20_000 + random.below(9000)}]: ${message}`, level: 'info' }
  },
}

/** Writes the lines of a source, the same ones each time, and returns the levels that their documents have to have. */
export function writeLines(source: SourceName, lines: number, file: string): LevelCounts {
  const random = seededRandom(1)
  const levels: LevelCounts = new Map()
  const descriptor = openSync(file, 'w')
  let chunk = ''
  for (let index = 0; index < lines; index++) {
    const { text, level } = lineOf[source](random, startMs + index)
    levels.set(level, (levels.get(level) ?? 0) + 1)
    chunk += `${text}\n`
    if (chunk.length > chunkCharacters) {
      writeSync(descriptor, chunk)
      chunk = ''
    }
  }
  writeSync(descriptor, chunk)
  closeSync(descriptor)
  return levels
}
