import { silentLogger } from '../../../src/core/logger.ts'
import type { EngineWrite } from '../../../src/stores/engine.ts'
import { openLmdbEngine } from '../../../src/stores/lmdb/lmdb-engine.ts'

// Commits batches until it is killed: each batch writes the same number into all keys, and as the offset.
const engine = openLmdbEngine(process.argv[2] as string, silentLogger)
const keyCount = 5000

for (let round = Number(engine.meta('offset') ?? 0) + 1; ; round++) {
  const value = Buffer.from(String(round).padStart(40, '0'))
  const writes: EngineWrite[] = []
  for (let index = 0; index < keyCount; index++) writes.push({ key: Buffer.from(`key-${10000 + index}`), value })
  const meta = new Map([['offset', String(round)]])
  await engine.write({
    writes: new Map([
      ['a', writes],
      ['b', writes],
    ]),
    drops: [],
    meta,
  })
  process.stdout.write(`${round}\n`)
}
