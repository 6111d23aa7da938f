/** Logs of a shop of 100 services, and as many filters over them as there are clients. */
const services = 100
const components = 20
const users = 2000
const sessions = 5000
const levels = ['debug', 'info', 'info', 'info', 'info', 'info', 'warn', 'error'] as const

/** The finisher of MurmurHash3: numbers in a row become numbers without one. */
function mixed(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A log without a time of its own: its time is that of the broker. */
export function loadLog(number: number): string {
  const draw = (most: number, salt: number): number => mixed(number * 31 + salt) % most
  return JSON.stringify({
    level: levels[draw(levels.length, 1)],
    service: `service-${draw(services, 2)}`,
    component: `component-${draw(components, 3)}`,
    message: `GET /api/cart/${draw(100_000, 4)} answered after ${draw(400, 5)} ms`,
    host: `node-${draw(60, 6)}.eu-central`,
    userId: `u-${draw(users, 7)}`,
    sessionId: `s-${draw(sessions, 8)}`,
    correlationId: `c-${number.toString(36)}`,
    statusCode: draw(20, 9) === 0 ? 500 : 200,
    durationMs: draw(400, 5),
    environment: 'production',
    owner: 'team-shop',
  })
}

/** The query of a client: most list values of a field, one in ten has to look at every log. */
export function loadFilter(client: number): string {
  const service = `services=service-${client % services}`
  switch (client % 10) {
    case 0:
    case 1:
    case 2:
    case 3:
      return `${service}&components=component-${Math.floor(client / services) % components}`
    case 4:
    case 5:
      return `users=u-${client % users}`
    case 6:
    case 7:
      return `sessions=s-${client % sessions}`
    case 8:
      return `${service}&levels=error&text=${encodeURIComponent(`answered after ${client % 400} ms`)}`
    default:
      return `when=${encodeURIComponent(`userId == 'u-${client % users}' and durationMs >= ${client % 300}`)}`
  }
}
