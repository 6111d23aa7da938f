import { defineTopology } from '../../src/index.ts'
import { told } from './arguments.ts'
import { type Job, variantsOf } from './jobs.ts'

/** From the environment, which the threads of a process share. */
const { PEERS_JOB: job = 'A', PEERS_VARIANT: variant = '', PEERS_OUTPUT: output = '' } = process.env
let isSeen = false

function seen(): void {
  if (!isSeen) told('FIRST')
  isSeen = true
}

/** A job as a module, so that worker threads can load it. */
export default defineTopology('job', (builder) => {
  const build = variantsOf[job as Job][variant]
  if (build === undefined) throw new Error(`job ${job} has no variant ${variant}`)
  build(builder, output, seen)
})
