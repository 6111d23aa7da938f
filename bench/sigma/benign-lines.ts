import { readFileSync } from 'node:fs'
import { seededRandom } from '../../src/testing/simulator.ts'

/** A line and when it was written. */
export interface BenignLine {
  readonly line: string
  readonly timeMs: number
}

const dayMs = 86_400_000
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)',
  'curl/8.5.0',
  'Googlebot/2.1 (+http://www.google.com/bot.html)',
  'kube-probe/1.31',
]
/** Words of attacks in harmless places. */
const paths = [
  '/',
  '/cart?item=%d&count=2',
  '/search?q=union+square+select+hotels',
  "/search?q=o'reilly+sql+book",
  '/search?q=how%20to%20drop%20a%20table%20leg',
  '/search?q=script+fonts',
  '/search?q=scripting%20or%20coding%3F',
  '/docs/etc/password-policy.html',
  '/docs/../docs/start.html',
  '/docs/shell/cat-command.html',
  '/blog/select-the-best-union',
  '/login?next=%2Faccount%2Forders',
  '/redirect?to=https://shop.example/item/%d',
  '/preview?url=https%3A%2F%2Fimg.example%2F%d.png',
  '/static/app.%d.js',
  '/api/orders/%d?sort=price&order=desc',
  '/api/items?filter=%7B%22price%22%3A%7B%22lt%22%3A5%7D%7D',
  '/render?template=%7B%7Bname%7D%7D',
  '/backup/status',
  '/favicon.ico',
  '/robots.txt',
  '/wp-content/uploads/logo.png',
]
const commands = [
  '/usr/bin/apt update',
  '/usr/bin/systemctl restart nginx',
  '/usr/bin/tail -n 100 /var/log/syslog',
  '/bin/cat /etc/passwd',
  '/usr/bin/rm -f /tmp/build.%d',
  '/usr/sbin/logrotate /etc/logrotate.conf',
  '/bin/bash /opt/deploy/run.sh',
]
const messages = [
  'SELECT * FROM orders WHERE id = %d took 3 ms',
  'query plan: union all of 2 selects, %d rows',
  'session of user%d opened',
  'order %d accepted',
  'template {{name}} rendered in 5 ms',
  'export of metrics finished, %d points',
  'cannot parse <order id=%d>: unexpected end of document',
  'IllegalStateException: no stock for order %d at shop.Cart.order',
  'role of user%d is editor',
  'payload: {"script":"none","cmd":"list","id":%d}',
]

/** Lines of a day as programs and people write them who do no harm: so many, in the order of their time. */
export function* benignLines(count: number, seed: number, startMs: number): Generator<BenignLine> {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item
  const filled = (text: string): string => text.replaceAll('%d', () => String(below(100_000)))
  const server = ['HDFS', 'Zookeeper'].flatMap(contentsOf)
  const address = (): string => `198.51.${below(8)}.${1 + below(250)}`
  const access = (time: Date): string => {
    const status = random() < 0.95 ? 200 : pick([301, 304, 401, 403, 404, 500])
    const bytes = random() < 0.01 ? below(5_000_000) : below(40_000)
    return `${address()} - - [${clf(time)}] "${pick(['GET', 'GET', 'POST'])} ${filled(pick(paths))} HTTP/1.1" ${status} ${bytes} "-" "${pick(agents)}"`
  }
  const ssh = (time: Date): string => {
    const head = `${syslog(time)} bastion sshd[${below(30_000)}]:`
    const from = `10.0.${below(4)}.${1 + below(250)} port ${1024 + below(60_000)}`
    const user = `user${below(300)}`
    // Somebody mistypes a password now and then.
    if (random() < 0.02) return `${head} Failed password for ${user} from ${from} ssh2`
    return random() < 0.5
      ? `${head} Accepted publickey for ${user} from ${from} ssh2: ED25519 SHA256:abc`
      : `${head} Disconnected from user ${user} ${from}`
  }
  const sudo = (time: Date): string =>
    `${syslog(time)} web-${below(20)} sudo: user${below(20)} : TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=${filled(pick(commands))}`
  const application = (time: Date): string => {
    const base = { timestamp: time.toISOString(), service: pick(['shop', 'crm', 'search']), level: 'info' }
    const user = below(2000)
    const known = { userId: `user${user}`, geo: { country: countryOf(user) }, ip: address() }
    const kind = random()
    if (kind < 0.02) return JSON.stringify({ ...base, ...known, message: 'user logged in' })
    if (kind < 0.025) return JSON.stringify({ ...base, ...known, message: `export finished: list ${below(1000)}` })
    return JSON.stringify({ ...base, message: filled(pick(messages)) })
  }
  const ofServers = (time: Date): string => `${time.toISOString()} INFO ${pick(server)}`
  for (let number = 0; number < count; number++) {
    const timeMs = startMs + Math.floor((number / count) * dayMs)
    const kind = random()
    const time = new Date(timeMs)
    const make = kind < 0.45 ? access : kind < 0.6 ? ssh : kind < 0.65 ? sudo : kind < 0.9 ? application : ofServers
    yield { line: make(time), timeMs }
  }
}

/** Everybody lives in one country. */
function countryOf(user: number): string {
  return ['DE', 'FR', 'US', 'BR', 'JP'][user % 5] as string
}

function contentsOf(set: string): readonly string[] {
  const text = readFileSync(`test/data/loghub/${set}_2k.log_structured.csv`, 'utf8')
  const [head = '', ...rows] = text.split('\n').filter((row) => row !== '')
  const content = head.split(',').indexOf('Content')
  return rows.map((row) => row.split(',')[content]?.replaceAll('"', '') ?? '').filter((one) => one !== '')
}

function clf(time: Date): string {
  const iso = time.toISOString()
  return `${iso.slice(8, 10)}/${months[time.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
}

function syslog(time: Date): string {
  const iso = time.toISOString()
  return `${months[time.getUTCMonth()]} ${iso.slice(8, 10)} ${iso.slice(11, 19)}`
}
