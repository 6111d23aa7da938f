import { type Fields, type FieldValue, isFields, newFields } from '../../field-value.ts'
import { valueText } from '../../fields-text.ts'
import type { RecordBudget } from '../../record-budget.ts'

/**
 * The records that a parsed value holds: one for most; several for a list, and for what CloudWatch, Azure, CloudTrail and
 * OpenTelemetry send. What the envelope says of all of them is in each. Undefined: the value holds no record. Where the
 * budget is spent afterwards, some are missing.
 */
export function recordList(value: FieldValue, budget: RecordBudget): readonly Fields[] | undefined {
  if (Array.isArray(value)) {
    return value.length > 0 && value.every(isFields) ? listed(value, budget) : undefined
  }
  if (!isFields(value)) return undefined
  if (Array.isArray(value.logEvents)) return inside(value, 'logEvents', budget)
  // Azure and AWS write nothing beside this list. Beside other members it is a field of the record.
  for (const name of ['records', 'Records']) {
    if (Array.isArray(value[name]) && Object.keys(value).length === 1) return inside(value, name, budget)
  }
  if (Array.isArray(value.resourceLogs)) {
    const records = otlpRecords(value.resourceLogs, budget)
    if (records.length > 0) return records
  }
  budget.spend(1, 0)
  return [isOtlpRecord(value) ? otlpRecord(value, undefined, undefined) : value]
}

function listed(items: readonly Fields[], budget: RecordBudget): readonly Fields[] {
  const records: Fields[] = []
  for (const item of items) {
    for (const record of recordList(item, budget) ?? []) records.push(record)
    if (budget.isSpent) break
  }
  return records
}

/** Objects of a list, each with the other members of its envelope. */
function inside(envelope: Fields, name: string, budget: RecordBudget): readonly Fields[] {
  const items = envelope[name] as readonly FieldValue[]
  if (items.length === 0 || !items.every(isFields)) return [envelope]
  const { [name]: _list, ...common } = envelope
  budget.spend(items.length, lengthOf(common))
  if (budget.isSpent) return []
  return items.map((item) => Object.assign(newFields(), common, item))
}

function otlpRecords(resourceLogs: readonly FieldValue[], budget: RecordBudget): readonly Fields[] {
  const records: Fields[] = []
  for (const ofResource of resourceLogs.filter(isFields)) {
    const resource = isFields(ofResource.resource) ? attributesOf(ofResource.resource.attributes) : undefined
    const resourceLength = lengthOf(resource)
    const scopes = ofResource.scopeLogs ?? ofResource.instrumentationLibraryLogs
    for (const ofScope of Array.isArray(scopes) ? scopes.filter(isFields) : []) {
      const scope = ofScope.scope ?? ofScope.instrumentationLibrary
      const logs = ofScope.logRecords ?? ofScope.logs
      const found = Array.isArray(logs) ? logs.filter(isFields) : []
      budget.spend(found.length, resourceLength + lengthOf(scope))
      if (budget.isSpent) return []
      for (const log of found) records.push(otlpRecord(log, resource, scope))
    }
  }
  return records
}

function lengthOf(value: FieldValue | undefined): number {
  return value === undefined ? 0 : valueText(value).length
}

function isOtlpRecord(value: Fields): boolean {
  return value.timeUnixNano !== undefined || value.observedTimeUnixNano !== undefined
}

function otlpRecord(log: Fields, resource: Fields | undefined, scope: FieldValue | undefined): Fields {
  const record: Fields = Object.assign(newFields(), log)
  if (log.body !== undefined) record.body = anyValue(log.body)
  if (log.attributes !== undefined) record.attributes = attributesOf(log.attributes)
  if (resource !== undefined) record.resource = resource
  if (scope !== undefined) record.scope = scope
  return record
}

/** `[{ "key": "a", "value": { "stringValue": "b" } }]` as `{ "a": "b" }`. */
function attributesOf(value: FieldValue | undefined): Fields {
  if (!Array.isArray(value)) return isFields(value) ? value : newFields()
  const attributes = newFields()
  for (const item of value) {
    if (isFields(item) && typeof item.key === 'string') attributes[item.key] = anyValue(item.value ?? null)
  }
  return attributes
}

/** A value of OpenTelemetry, which names its type. */
function anyValue(value: FieldValue): FieldValue {
  if (!isFields(value)) return value
  const { arrayValue, kvlistValue } = value
  if (isFields(arrayValue)) return Array.isArray(arrayValue.values) ? arrayValue.values.map(anyValue) : []
  if (isFields(kvlistValue)) return attributesOf(kvlistValue.values)
  return value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? value.bytesValue ?? value
}
