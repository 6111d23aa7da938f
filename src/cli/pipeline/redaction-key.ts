import { readSecret } from '../../worker/read-settings.ts'
import type { Cli } from '../cli.ts'

/** The key of rules that hash, from REDACTION_HASH_KEY or the file of REDACTION_HASH_KEY_FILE; undefined: there is none. */
export function redactionKey(cli: Cli): string | undefined {
  return readSecret('REDACTION_HASH_KEY', cli.host.environment)
}
