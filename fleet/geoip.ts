import { type CityResponse, open } from 'maxmind'
import { MillraceError } from '../src/index.ts'
import type { GeoLookup } from '../topologies/enrichment-processor.ts'
import type { FleetErrorCode } from './error-codes.ts'

/** Reads a MaxMind city database from a file. Rejects with GEOIP_DATABASE naming the file. */
export async function openGeoLookup(path: string): Promise<GeoLookup> {
  try {
    const reader = await open<CityResponse>(path, { cache: { max: 10_000 } })
    return (ip) => {
      const found = isAddress(ip) ? reader.get(ip) : null
      const country = found?.country?.iso_code
      return country === undefined ? undefined : { country, city: found?.city?.names.en }
    }
  } catch (error) {
    const message = `the geoip database ${path} cannot be read (${(error as Error).message}): check GEOIP_DATABASE`
    throw new MillraceError<FleetErrorCode>('GEOIP_DATABASE', 'fatal', message, { cause: error })
  }
}

/** The reader throws on anything else. */
function isAddress(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || (text.includes(':') && /^[0-9A-Fa-f:.]+$/.test(text))
}
