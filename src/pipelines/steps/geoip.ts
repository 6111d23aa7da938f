import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type AsnResponse, type CityResponse, Reader } from 'maxmind'
import { fieldPath } from '../field-path.ts'
import { type Fields, type FieldValue, newFields } from '../field-value.ts'
import { PipelineMistake } from '../mistake.ts'
import type { Step, StepKind } from '../step.ts'
import { pathSchema } from './options.ts'

export interface GeoipOptions {
  /** A MaxMind database of cities or of autonomous systems. Read at start. */
  readonly database: string
  readonly field?: string
  /** Default `geo` for cities, `as` for autonomous systems. */
  readonly into?: string
}

/** Where an address lies, or whose network it is. Addresses that the database does not know stay without. */
export const geoip: StepKind<GeoipOptions> = {
  name: 'geoip',
  schema: {
    type: 'object',
    required: ['database'],
    additionalProperties: false,
    properties: {
      database: { type: 'string', minLength: 1 },
      field: { ...pathSchema, default: 'ip' },
      into: pathSchema,
    },
  },
  compile({ database, field = 'ip', into }): Step {
    const reader = readerOf(database)
    const isAsn = reader.metadata.databaseType.includes('ASN')
    const [path, target] = [fieldPath(field), fieldPath(into ?? (isAsn ? 'as' : 'geo'))]
    return {
      name: 'geoip',
      apply(event) {
        const address = event.get(path)
        if (typeof address !== 'string' || isIP(address) === 0) return 'next'
        const found = reader.get(address)
        if (found === null) return 'next'
        event.set(target, isAsn ? systemOf(found as AsnResponse) : placeOf(found as CityResponse))
        return 'next'
      },
    }
  },
}

function readerOf(database: string): Reader<AsnResponse | CityResponse> {
  try {
    return new Reader(readFileSync(database))
  } catch (error) {
    throw new PipelineMistake(
      `the database ${database} cannot be read (${(error as Error).message}): name a file that the worker can read`,
      'database',
    )
  }
}

function systemOf(found: AsnResponse): Fields {
  return withoutMissing({ number: found.autonomous_system_number, organization: found.autonomous_system_organization })
}

function placeOf({ country, city, location }: CityResponse): Fields {
  const point = location && withoutMissing({ lat: location.latitude, lon: location.longitude })
  return withoutMissing({ country: country?.iso_code, city: city?.names.en, location: point })
}

function withoutMissing(values: Readonly<Record<string, FieldValue | undefined>>): Fields {
  const fields = newFields()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) fields[name] = value
  return fields
}
