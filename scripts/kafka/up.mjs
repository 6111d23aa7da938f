// @ts-check
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../lab/folders.mjs'
import { LabError, runCommand } from '../lab/lab-error.mjs'
import { KafkaProcesses } from './cluster.mjs'

/** `npm run kafka:up -- --nodes 1|3 [--port N] [--full-speed]`: prints the bootstrap address once the cluster is ready. */
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '1' },
      port: { type: 'string', default: '19092' },
      'full-speed': { type: 'boolean', default: false },
    },
  })
  const count = Number(values.nodes)
  const port = Number(values.port)
  if (count !== 1 && count !== 3) throw new LabError(`--nodes is ${values.nodes}: give 1 or 3`)
  if (!Number.isInteger(port) || port < 1024 || port > 65_000)
    throw new LabError(`--port is ${values.port}: give 1024 to 65000`)
  const folder = join(packageRoot(), '.lab', `kafka-${port}`)
  if (existsSync(folder)) throw new LabError(`a cluster on port ${port} is up: stop it with npm run kafka:down`)
  const nodes = Array.from({ length: count }, (_, index) => ({
    client: port + 2 * index,
    controller: port + 2 * index + 1,
  }))
  for (const each of nodes.flatMap(({ client, controller }) => [client, controller]))
    if (!(await isFree(each))) throw new LabError(`port ${each} is in use: give another one with --port`)
  await mkdir(folder, { recursive: true })
  try {
    const cluster = await KafkaProcesses.start({ nodes, folder, fullSpeed: values['full-speed'] })
    await writeFile(join(folder, 'pids.json'), JSON.stringify(cluster.pids))
    console.log(cluster.bootstrap)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
})

/** @param {number} port */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
