// A process of its own, which runs words-topology.mjs as its argument says (JSON of application options) and does what the
// lines of its standard input ask for: each is answered by one line of JSON. LIBRARY: the compiled library.
import { createInterface } from 'node:readline'

const { importTopology, keyValueQuery, startStreams } = await import(process.env.LIBRARY)
const { token, ...config } = JSON.parse(process.argv[2])
if (token !== undefined) config.kafka.sasl.token = async () => token

const lines = []
const log = (level) => (fields, message) => lines.push({ level, message, ...fields })
const loggerOf = (common) => ({
  debug() {},
  ...Object.fromEntries(
    ['info', 'warn', 'error'].map((level) => [level, (fields, message) => log(level)({ ...common, ...fields }, message)]),
  ),
  child: (fields) => loggerOf({ ...common, ...fields }),
})
const events = []
const listener = {
  onError: (thread, error) => events.push({ thread, code: error.code, consequence: error.consequence }),
}

const topology = await importTopology(new URL('./words-topology.mjs', import.meta.url))
const streams = await startStreams({ ...config, logger: loggerOf({}), listener }, topology)
const { application } = streams
const orders = {
  running: async () => application.waitFor('RUNNING', 60_000),
  status: async () => application.status(),
  memory: async () => process.memoryUsage(),
  log: async () => lines,
  errors: async () => events,
  get: async (store, key) => application.queryAsync(keyValueQuery(store)).get(key),
  all: async (store) => application.queryAsync(keyValueQuery(store)).all(),
  query: async (store) => application.query(keyValueQuery(store)),
  pause: async () => application.pause(),
  resume: async () => application.resume(),
  add: async () => application.addThread(),
  remove: async (timeoutMs) => application.removeThread(timeoutMs),
  ended: async () =>
    application.ended.then(
      () => undefined,
      ({ code, message }) => ({ code, message }),
    ),
  close: async () => streams.close(),
}
const tell = (answer) =>
  process.stdout.write(`${JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? Number(value) : value))}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line)
  try {
    tell({ value: await orders[name](...args) })
  } catch (error) {
    tell({ error: { code: error.code, message: error.message } })
  }
}
