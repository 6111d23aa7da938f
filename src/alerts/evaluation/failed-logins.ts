import type { Measure } from './measure.ts'

/** Failed logins of one bucket: refusals by connection, and those of lines that name no connection. */
interface Attempts {
  counted: number
  connections: [name: string, refusals: number][]
}

/** Connections of a bucket that are kept apart; lines of one come close together. */
const connectionsMax = 64

/** Failed logins, each once, however many lines tell of it: a connection is one attempt at least. */
export const failedLogins: Measure = {
  add(cell, { text, number = 0 }) {
    const attempts = (cell as Attempts | undefined) ?? { counted: 0, connections: [] }
    const { connections } = attempts
    const known = connections.find(([name]) => name === text)
    if (known !== undefined) known[1] += number
    else if (text !== undefined && connections.length < connectionsMax) connections.push([text, number])
    else attempts.counted += text === undefined ? number : Math.max(1, number)
    return attempts
  },
  value(buckets) {
    const connections = new Map<string, number>()
    let total = 0
    for (const { cell } of buckets) {
      const attempts = cell as Attempts
      total += attempts.counted
      for (const [name, refusals] of attempts.connections) {
        connections.set(name, (connections.get(name) ?? 0) + refusals)
      }
    }
    for (const refusals of connections.values()) total += Math.max(1, refusals)
    return total
  },
}
