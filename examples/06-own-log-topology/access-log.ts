import { MillraceError, type Serde } from 'millrace'

/** One line of a web server's access log. */
export interface Access {
  readonly address: string
  readonly timeMs: number
  readonly path: string
  readonly status: number
}

const form = /^(\S+) \S+ \S+ \[(\d+)\/(\w+)\/(\d+):([\d:]+) ([+-]\d{4})\] "\S+ (\S+)[^"]*" (\d{3}) /

/** A serde of lines in the Common Log Format. A line of another form is the record's fault, and not the program's. */
export const accessLine: Serde<Access> = {
  name: 'access-line',
  serialize({ address, timeMs, path, status }) {
    const [, day, month, year, time] = new Date(timeMs).toUTCString().split(' ')
    return Buffer.from(`${address} - - [${day}/${month}/${year}:${time} +0000] "GET ${path} HTTP/1.1" ${status} 0`)
  },
  deserialize(bytes, topic) {
    const line = Buffer.from(bytes).toString()
    const [, address = '', day, month, year, time, zone, path = '', status] = form.exec(line) ?? []
    const timeMs = Date.parse(`${day} ${month} ${year} ${time} ${zone}`)
    if (Number.isNaN(timeMs)) {
      throw new MillraceError<'NO_ACCESS_LINE'>('NO_ACCESS_LINE', 'record', `no access log line in ${topic}: ${line}`)
    }
    return { address, timeMs, path, status: Number(status) }
  },
}
