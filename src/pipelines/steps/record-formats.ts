import { fieldPath } from '../field-path.ts'
import { type Fields, isFields } from '../field-value.ts'
import { parseJson } from '../json/parse-json.ts'
import { setStatusLevel } from '../levels/status-level.ts'
import { readJournalExport } from '../patterns/journal-export.ts'
import { readWindowsEvent } from '../patterns/windows-event.ts'
import { presetOf } from '../presets/json/json-presets.ts'
import { setFields } from '../presets/json/set-fields.ts'
import type { Step, StepKind } from '../step.ts'
import { checkZone, pathSchema } from './options.ts'

export interface RecordOptions {
  /** Holds the record as text. Default: the members of the event, or else `message`. */
  readonly field?: string
  /** Of times that name none. */
  readonly zone?: string
}

/** How a program writes its records. */
interface RecordFormat {
  readonly name: string
  /** Names of the presets of its JSON. */
  readonly presets: readonly string[]
  /** Reads a form that is no JSON; undefined: the text is none. */
  readonly readText?: (text: string) => Fields | undefined
}

/** A record of one program sets the fields of a log, as `format: auto` would. */
function recordStep(format: RecordFormat): StepKind<RecordOptions> {
  return {
    name: format.name,
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: { field: pathSchema, zone: { type: 'string', minLength: 1 } },
    },
    compile(options) {
      checkZone(options.zone, 'zone')
      return compiled(format, options)
    },
  }
}

/** Docker's driver json-file: `{"log":"…\n","stream":"stdout","time":"…"}`. */
export const docker = recordStep({ name: 'docker', presets: ['docker'] })

/** The journal of systemd, as JSON or in its export format. */
export const journald = recordStep({ name: 'journald', presets: ['journald'], readText: readJournalExport })

/** Events of Windows: their XML, and the JSON of Winlogbeat and NXLog. */
export const windowsEvent = recordStep({
  name: 'windows-event',
  presets: ['winlogbeat', 'nxlog'],
  readText: readWindowsEvent,
})

const lineEnd = /[\r\n]+$/

function compiled({ name, presets, readText }: RecordFormat, { field, zone }: RecordOptions): Step {
  const path = fieldPath(field ?? 'message')
  /** Gives the fields of a record the names of a document; false where the record is of another format. */
  const isNamed = (fields: Fields, receivedMs: number): boolean => {
    const { preset, places } = presetOf(fields)
    if (!presets.includes(preset.name)) return false
    setFields(fields, places, preset.levelScheme, { receivedMs, ...(zone !== undefined && { zone }) })
    if (typeof fields.message === 'string') fields.message = fields.message.replace(lineEnd, '')
    setStatusLevel(fields)
    return true
  }
  return {
    name,
    apply(event) {
      if (field === undefined && isNamed(event.fields, event.receivedMs)) return 'next'
      const text = event.get(path)
      if (text === undefined) return field === undefined ? 'failed' : 'next'
      const record = typeof text === 'string' ? recordOf(text, readText) : undefined
      if (record === undefined || !isNamed(record, event.receivedMs)) return 'failed'
      event.markRead(path)
      event.remove(path)
      Object.assign(event.fields, record)
      return 'next'
    },
  }
}

function recordOf(text: string, readText: RecordFormat['readText']): Fields | undefined {
  const [value, ...others] = parseJson(text)?.values ?? []
  if (value === undefined) return readText?.(text)
  return others.length === 0 && isFields(value) ? value : undefined
}
