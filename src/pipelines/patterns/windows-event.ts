import { fieldAt, fieldPath } from '../field-path.ts'
import { type Fields, type FieldValue, isFields, newFields } from '../field-value.ts'
import { levelOfNumber } from '../levels/level.ts'
import { readXml } from './xml.ts'

/** Where the XML has the parts of an event, by their names in a record of Winlogbeat. */
const places = Object.entries({
  event_id: 'System.EventID',
  channel: 'System.Channel',
  computer_name: 'System.Computer',
  provider_name: 'System.Provider.@Name',
  provider_guid: 'System.Provider.@Guid',
  record_id: 'System.EventRecordID',
  task: 'RenderingInfo.Task',
  opcode: 'RenderingInfo.Opcode',
  activity_id: 'System.Correlation.@ActivityID',
}).map(([name, place]) => [name, fieldPath(place)] as const)

const time = fieldPath('System.TimeCreated.@SystemTime')
const level = fieldPath('System.Level')
const rendered = fieldPath('RenderingInfo.Message')

/**
 * Reads the XML of an event of Windows, `<Event><System>…`, as a record with the names of Winlogbeat. An event without a
 * rendered message says what it is by its number and provider. Undefined where the text is none. Linear in the text.
 */
export function readWindowsEvent(text: string): Fields | undefined {
  const event = readXml(text)?.Event
  if (!isFields(event) || !isFields(event.System)) return undefined
  const winlog = newFields()
  for (const [name, path] of places) setText(winlog, name, fieldAt(event, path))
  const unnamed: string[] = []
  winlog.event_data = eventData(event, unnamed)
  const record = newFields()
  setText(record, '@timestamp', fieldAt(event, time))
  record.winlog = winlog
  const number = textOf(fieldAt(event, level))
  if (number !== undefined) record.level = levelOfNumber('windows', Number(number))
  record.message = textOf(fieldAt(event, rendered)) ?? (unnamed.join(' ') || titleOf(winlog))
  return record
}

function titleOf({ event_id = '', provider_name = '' }: Fields): string {
  return `event ${textOf(event_id) ?? ''} of ${textOf(provider_name) ?? ''}`
}

/** Values by their names; those without a name are parts of the message. */
function eventData(event: Fields, unnamed: string[]): Fields {
  const data = newFields()
  const found = isFields(event.EventData) ? event.EventData.Data : undefined
  for (const item of Array.isArray(found) ? (found as readonly FieldValue[]) : [found]) {
    const text = textOf(item)
    const name = isFields(item) ? item['@Name'] : undefined
    if (typeof name === 'string') data[name] = text ?? ''
    else if (text !== undefined) unnamed.push(text)
  }
  if (isFields(event.UserData)) data.user_data = event.UserData
  return data
}

function setText(fields: Fields, name: string, value: FieldValue | undefined): void {
  const text = textOf(value)
  if (text !== undefined) fields[name] = text
}

/** The text of an element, which may have attributes; undefined where it is empty. */
function textOf(element: FieldValue | undefined): string | undefined {
  const text = isFields(element) ? element['#text'] : element
  return typeof text === 'string' && text !== '' ? text : undefined
}
