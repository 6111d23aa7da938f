import { createHash } from 'node:crypto'
import type { EngineWrite } from '../../../src/stores/engine.ts'
import { checkState, openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'

// Opens environments as the runtime does, reads all of each, writes every row anew and some more, and reads it again.
// Says of each why it was deleted, if it was, and what was in it.
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
  const engine = openLmdbEngine(directory, logger, undefined, await checkState(directory))
  const names = [...engine.mapNames].sort()
  const rowsOf = (name: string) => engine.map(name).read(undefined, undefined, 'forward', undefined, 1_000_000)
  const digest = (): string => {
    const hash = createHash('sha256').update(String(engine.meta('offset')))
    for (const name of names) {
      const rows = rowsOf(name)
      hash.update(`${name} ${rows.length}`)
      for (const { key, value } of rows) {
        if (Buffer.compare(engine.map(name).get(key) ?? Buffer.alloc(0), value) !== 0) hash.update('got another')
        hash.update(key).update(value)
      }
    }
    return hash.digest('hex')
  }
  const before = digest()
  const others: EngineWrite[] = Array.from({ length: 500 }, (_, index) => ({
    key: Buffer.from(`new-${index}`),
    value: Buffer.alloc(200),
  }))
  const again = names.map((name) => [name, rowsOf(name)] as const)
  await engine.write({ writes: new Map([...again, ['others', others]]), drops: [], meta: new Map() })
  await engine.write({ writes: new Map(again), drops: ['others'], meta: new Map() })
  const after = digest()
  await engine.close()
  found.push({ reason, before, isSame: before === after })
}
process.stdout.write(JSON.stringify(found))
