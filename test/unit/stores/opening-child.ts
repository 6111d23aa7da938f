import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'

// Opens environments, reads all of each, and says what it found and why it was deleted, if it was.
const found: unknown[] = []
for (const directory of process.argv.slice(2)) {
  let reason: unknown
  const logger = {
    debug() {},
    info() {},
    warn: (fields: { reason?: unknown }) => void (reason = fields.reason),
    error() {},
    child: () => logger,
  }
  const engine = openLmdbEngine(directory, logger)
  const values = new Set<string>()
  let count = 0
  for (const name of ['a', 'b']) {
    for (const entry of engine.map(name).read(undefined, undefined, 'forward', undefined, 1_000_000)) {
      values.add(Buffer.from(entry.value).toString())
      count++
    }
  }
  const offset = engine.meta('offset')
  const writes = new Map([['c', [{ key: Buffer.from('x'), value: Buffer.from('y') }]]])
  await engine.write({ writes, drops: [], meta: new Map() })
  await engine.close()
  found.push({ offset, values: [...values], count, reason })
}
process.stdout.write(JSON.stringify(found))
