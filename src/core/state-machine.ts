import { MillraceError } from './errors.ts'

/** Which states may follow a state. */
export type Transitions<State extends string> = { readonly [from in State]: readonly State[] }

/** A state with a table of allowed moves; an illegal move throws, each move is reported once to the observer. */
export class StateMachine<State extends string> {
  #state: State
  readonly #name: string
  readonly #transitions: Transitions<State>
  readonly #observer: (from: State, to: State) => void

  constructor(
    name: string,
    initial: State,
    transitions: Transitions<State>,
    observer: (from: State, to: State) => void = () => {},
  ) {
    this.#name = name
    this.#state = initial
    this.#transitions = transitions
    this.#observer = observer
  }

  get state(): State {
    return this.#state
  }

  /** Whether the state is one of these. */
  is(...states: readonly State[]): boolean {
    return states.includes(this.#state)
  }

  /** Whether the table allows the move from the current state. */
  canMoveTo(to: State): boolean {
    return this.#transitions[this.#state].includes(to)
  }

  transition(to: State): void {
    const from = this.#state
    if (!this.canMoveTo(to)) {
      throw new MillraceError('ILLEGAL_TRANSITION', 'fatal', `${this.#name} cannot go from ${from} to ${to}`)
    }
    this.#state = to
    this.#observer(from, to)
  }
}
