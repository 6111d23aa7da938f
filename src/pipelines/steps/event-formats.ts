import type { Fields } from '../field-value.ts'
import { readCef } from '../patterns/cef.ts'
import { readLeef } from '../patterns/leef.ts'
import { readXml } from '../patterns/xml.ts'
import type { StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

/** A kind of step whose text is of one form, and needs no more than the form's own reader. */
function formatStep(name: string, read: (text: string, into: Fields) => boolean): StepKind<TextOptions> {
  return {
    name,
    schema: { type: 'object', additionalProperties: false, properties: textProperties },
    compile: (options) => textStep(name, options, read),
  }
}

/** ArcSight's Common Event Format. */
export const cef = formatStep('cef', readCef)

/** QRadar's Log Event Extended Format. */
export const leef = formatStep('leef', readLeef)

/** An XML document, such as an event of Windows. */
export const xml = formatStep('xml', (text, into) => {
  const fields = readXml(text)
  if (fields !== undefined) Object.assign(into, fields)
  return fields !== undefined
})
