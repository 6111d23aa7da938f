import type { StreamsBuilder } from '../../src/index.ts'
import { alertObjects, alertViews } from './alert-job.ts'
import { countObjects, countViews } from './count-job.ts'
import { deduplicateObjects, deduplicateViews } from './deduplicate-job.ts'
import { enrichObjects, enrichViews } from './enrich-job.ts'
import { fleetPlain, fleetRedacted } from './fleet-job.ts'

/**
 * What is compared. `A`: keep WARN and above, add a field, write back. `B`: count logs and errors of each service in windows
 * of a minute, write what changes. `C`: drop logs whose id was seen within 10 minutes. `D`: add what a global table knows of
 * the host and a table of the service. `E`: the application worker of the fleet. Line by line the topologies of
 * `scripts/kafka-streams/Jobs.java`.
 */
export const jobs = ['A', 'B', 'C', 'D', 'E'] as const
export type Job = (typeof jobs)[number]

/** Adds a job to a builder. `seen` is called for each log. */
export type JobBuilder = (builder: StreamsBuilder, output: string, seen: () => void) => void

/** The ways in which millrace runs each job. */
export const variantsOf: Readonly<Record<Job, Readonly<Record<string, JobBuilder>>>> = {
  A: { json: alertObjects, view: alertViews },
  B: { json: countObjects, view: countViews },
  C: { json: deduplicateObjects, view: deduplicateViews },
  D: { json: enrichObjects, view: enrichViews },
  E: { redacted: fleetRedacted, plain: fleetPlain },
}
