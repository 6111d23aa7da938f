import { fieldPath } from '../field-path.ts'
import { setStatusLevel } from '../levels/status-level.ts'
import { at, together } from '../mistake.ts'
import { createTextReader } from '../presets/text/read-text.ts'
import type { Step, StepKind } from '../step.ts'
import { checkZone } from './options.ts'
import { textProperties } from './text-step.ts'

export interface LineOptions {
  /** Default `message`; it is replaced by the message of the line. */
  readonly field?: string
  /** Of times that name none. */
  readonly zone?: string
}

export interface PresetOptions extends LineOptions {
  /** Names of formats, or of groups of them; the first that fits is taken. */
  readonly formats: readonly string[]
}

const lineProperties = { field: textProperties.field, zone: { type: 'string', minLength: 1 } } as const

/** A line of one family of formats sets the fields of a log, as `format: auto` would. */
function lineStep(name: string, formats: readonly string[]): StepKind<LineOptions> {
  return {
    name,
    schema: { type: 'object', additionalProperties: false, properties: lineProperties },
    compile: (options) => compiled(name, formats, options),
  }
}

/** RFC 3164 and 5424, Cisco, with ISO times. */
export const syslog = lineStep('syslog', ['syslog', 'syslog-iso', 'syslog-iso-program', 'syslog-iso-no-host'])

/** Access logs: common, combined, virtual host, nginx, Traefik, HAProxy, Envoy, IIS, load balancers. */
export const access = lineStep('access', ['access', 'iis', 'access-iso', 'elb', 'envoy', 'django', 'uvicorn'])

/** Lines of container runtimes. */
export const cri = lineStep('cri', ['cri'])

/** Lines of formats that are chosen by name. */
export const preset: StepKind<PresetOptions> = {
  name: 'preset',
  schema: {
    type: 'object',
    required: ['formats'],
    additionalProperties: false,
    properties: {
      ...lineProperties,
      formats: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
    },
  },
  compile: (options) => compiled('preset', options.formats, options),
}

function compiled(name: string, formats: readonly string[], { field = 'message', zone }: LineOptions): Step {
  const path = fieldPath(field)
  const forTask = (): Step => {
    // It remembers the format that each source had last.
    const reader = createTextReader({ formats, ...(zone !== undefined && { zone }) })
    return {
      name,
      apply(event) {
        const text = event.get(path)
        if (text === undefined) return 'next'
        if (typeof text !== 'string') return 'failed'
        // The reader keeps what an event has already: the message is that of the line.
        event.remove(path)
        const fitted = reader.read(event, text)
        if (fitted === undefined) {
          event.set(path, text)
          return 'failed'
        }
        event.markRead(path)
        setStatusLevel(event.fields)
        return 'next'
      },
    }
  }
  const [step] = together(
    () => at(['formats'], forTask),
    () => checkZone(zone, 'zone'),
  )
  return { ...step, forTask }
}
