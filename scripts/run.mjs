// @ts-check
// Runs a built program: `node scripts/run.mjs fleet/start [options]`; installs and builds first what is missing or stale.
import { ensureBuilt, ensureInstalled, say } from './setup.mjs'

const [program] = process.argv.splice(2, 1)
if (program === undefined) {
  say('name a program, such as fleet/start')
  process.exit(2)
}
ensureInstalled()
ensureBuilt()
await import(new URL(`../dist/${program}.js`, import.meta.url).href)
