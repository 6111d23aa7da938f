import { type ReactNode, type RefObject, useState } from 'react'
import { cleanFilters, listNames, type LogFilters, textNames } from './log-view.ts'

const levels = ['debug', 'info', 'warn', 'error', 'critical'] as const

type FieldName = Exclude<(typeof listNames)[number], 'levels'> | (typeof textNames)[number]

interface Field {
  readonly name: FieldName
  readonly label: string
  readonly hint: string
}

const firstFields: readonly Field[] = [
  { name: 'services', label: 'Services', hint: 'payments' },
  { name: 'text', label: 'Text', hint: 'a part of the log' },
  { name: 'when', label: 'Condition', hint: 'http.status >= 500' },
]
const moreFields: readonly Field[] = [
  { name: 'components', label: 'Components', hint: 'gateway' },
  { name: 'correlationIds', label: 'Correlation ids', hint: 'c-17' },
  { name: 'sessions', label: 'Sessions', hint: 's-4' },
  { name: 'users', label: 'Users', hint: 'ann' },
  { name: 'from', label: 'Begin at', hint: '2026-12-01T08:00:00Z' },
  { name: 'since', label: 'Logs since', hint: '2026-12-01T08:00:00Z' },
  { name: 'until', label: 'Logs before', hint: '2026-12-01T09:00:00Z' },
]

export interface FilterBarProps {
  readonly filters: LogFilters
  readonly onChange: (filters: LogFilters) => void
  /** What the server says of the filter. */
  readonly fault: string | undefined
  readonly firstInput: RefObject<HTMLInputElement | null>
}

/** What the server is asked for. Levels act at once, texts when they are entered. */
export function FilterBar({ filters, onChange, fault, firstInput }: FilterBarProps): ReactNode {
  const hasMore = moreFields.some(({ name }) => filters[name] !== undefined)
  const [isOpen, setOpen] = useState(hasMore)
  const isFiltered = Object.keys(filters).length > 0
  return (
    <form
      className="mr-filters"
      aria-label="filter"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(filtersOf(new FormData(event.currentTarget), filters))
      }}
    >
      <LevelButtons filters={filters} onChange={onChange} />
      {firstFields.map((field, index) => (
        <FilterField key={field.name} field={field} filters={filters} input={index === 0 ? firstInput : undefined} />
      ))}
      <button type="submit">Apply</button>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        More
      </button>
      {isFiltered && (
        <button type="button" onClick={() => onChange({})}>
          Clear
        </button>
      )}
      {isOpen && (
        <div className="mr-more">
          {moreFields.map((field) => (
            <FilterField key={field.name} field={field} filters={filters} />
          ))}
        </div>
      )}
      {fault !== undefined && (
        <p role="alert" className="mr-fault">
          {fault}
        </p>
      )}
    </form>
  )
}

function LevelButtons({ filters, onChange }: Pick<FilterBarProps, 'filters' | 'onChange'>): ReactNode {
  const chosen = new Set(filters.levels)
  return (
    <div className="mr-levels" role="group" aria-label="levels">
      {levels.map((level) => (
        <button
          key={level}
          type="button"
          className={`mr-chip mr-level-${level}`}
          aria-pressed={chosen.has(level)}
          onClick={() => {
            const others = levels.filter((one) => (one === level ? !chosen.has(one) : chosen.has(one)))
            onChange(cleanFilters({ ...filters, levels: others }))
          }}
        >
          {level}
        </button>
      ))}
    </div>
  )
}

interface FilterFieldProps {
  readonly field: Field
  readonly filters: LogFilters
  readonly input?: RefObject<HTMLInputElement | null> | undefined
}

function FilterField({ field: { name, label, hint }, filters, input }: FilterFieldProps): ReactNode {
  const value = filters[name]
  const given = typeof value === 'string' ? value : (value?.join(', ') ?? '')
  const [draft, setDraft] = useState({ given, text: given })
  // A filter that somebody else has set replaces what was written.
  if (draft.given !== given) setDraft({ given, text: given })
  return (
    <label className={`mr-input mr-input-${name}`}>
      <span>{label}</span>
      <input
        ref={input}
        name={name}
        placeholder={hint}
        autoComplete="off"
        spellCheck={false}
        value={draft.text}
        onChange={({ target }) => setDraft({ given, text: target.value })}
      />
    </label>
  )
}

/** What the form does not show stays as it is. */
function filtersOf(form: FormData, filters: LogFilters): LogFilters {
  const given = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value : ''
  }
  const lists = listNames.filter((name) => form.has(name)).map((name) => [name, given(name).split(',')])
  const texts = textNames.filter((name) => form.has(name)).map((name) => [name, given(name)])
  return cleanFilters({ ...filters, ...Object.fromEntries([...lists, ...texts]) })
}
