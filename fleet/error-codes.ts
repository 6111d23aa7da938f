import type { ErrorRows } from '../src/core/error-codes/row.ts'
import { alertInputFaults } from '../topologies/alerting/alert-inputs.ts'
import { executionInputFaults } from '../topologies/executions/event-reader.ts'
import { inputFaults } from '../topologies/input-faults.ts'

const processCodes = {
  GEOIP_DATABASE: {
    when: 'the GeoIP database cannot be read',
    consequence: 'fatal',
    next: 'the process does not start',
    fix: 'set `GEOIP_DATABASE` to a MaxMind city database, or leave it out',
  },
  PIPELINE_FILE: {
    when: 'the file of a pipeline cannot be read',
    consequence: 'fatal',
    next: 'the process does not start',
    fix: 'set `PIPELINE_FILE` to a file that the process can read, or leave it out',
  },
  UNREACHABLE: {
    when: 'a server of the demonstration cannot be reached',
    consequence: 'fatal',
    next: 'the demonstration does not start',
    fix: 'start the server, or correct its address',
  },
} satisfies ErrorRows

/** The fleet's own codes, as rows of docs/errors.md. */
export const fleetErrorCodes = Object.freeze({
  ...processCodes,
  ...inputFaults,
  ...alertInputFaults,
  ...executionInputFaults,
} satisfies ErrorRows)

export type FleetErrorCode = keyof typeof processCodes
