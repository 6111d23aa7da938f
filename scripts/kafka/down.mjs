// @ts-check
import { existsSync, readdirSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../lab/folders.mjs'
import { runCommand } from '../lab/lab-error.mjs'
import { commandOf, stopServer } from '../lab/processes.mjs'

/** `npm run kafka:down [-- --port N]`: stops what `kafka:up` started from this checkout, or one of it, with its data. */
await runCommand(async () => {
  const { values } = parseArgs({ options: { port: { type: 'string' } } })
  const lab = join(packageRoot(), '.lab')
  const started = existsSync(lab) ? readdirSync(lab).filter((name) => name.startsWith('kafka-')) : []
  for (const name of started.filter((one) => values.port === undefined || one === `kafka-${values.port}`)) {
    const pidFile = join(lab, name, 'pids.json')
    const pids = existsSync(pidFile) ? /** @type {number[]} */ (JSON.parse(await readFile(pidFile, 'utf8'))) : []
    const ours = pids.filter((pid) => commandOf(pid).includes(join(lab, name)))
    await Promise.all(ours.map((pid) => stopServer(pid, 0)))
    await rm(join(lab, name), { recursive: true, force: true })
    console.log(`stopped ${name}`)
  }
})
