import { type PackedArray, pack, unpack } from '../../core/pack.ts'
import type { SilenceState } from './correlation/silence.ts'
import type { CorrelationState } from './correlation/state.ts'
import type { Version1 } from './correlation/version-1.ts'

const KIND = 'state of the rules'
const VERSION = 2

interface StateOf<Followed> {
  readonly lastTime: number
  readonly counts: [string, number][]
  readonly silences: Readonly<Record<'http' | 'security', [string, SilenceState][]>>
  readonly correlations: readonly Followed[]
}

/** The state of the rules detector between blocks. */
export type RulesState = StateOf<CorrelationState>

/** The state in format 1; old states have no silences. */
export interface RulesStateVersion1 extends Omit<StateOf<Version1>, 'silences'> {
  readonly version: 1
  readonly silences?: RulesState['silences']
}

export function packState({ correlations, ...rest }: RulesState): Uint8Array {
  const arrays: Record<string, PackedArray> = {}
  const lists = correlations.map(({ arrays: own, ...lists }, number) => {
    for (const [name, array] of Object.entries(own)) if (array.length > 0) arrays[`${number}.${name}`] = array
    return lists
  })
  return pack(KIND, VERSION, { meta: { ...rest, correlations: lists }, arrays })
}

/**
 * Reads the result of `packState`, or the JSON of format 1.
 * @throws Error if it is neither, or damaged
 */
export function unpackState(snapshot: Uint8Array): RulesState | RulesStateVersion1 {
  if (snapshot[0] === '{'.charCodeAt(0)) return readVersion1(snapshot)
  const { meta, arrays } = unpack(KIND, VERSION, snapshot)
  const { correlations, ...rest } = meta as unknown as RulesState
  const own = correlations.map((): Record<string, PackedArray> => ({}))
  for (const [path, array] of Object.entries(arrays)) {
    const [number, name] = path.split('.')
    own[Number(number)][name] = array
  }
  return { ...rest, correlations: correlations.map((lists, number) => ({ ...lists, arrays: own[number] })) }
}

function readVersion1(snapshot: Uint8Array): RulesStateVersion1 {
  const state = JSON.parse(Buffer.from(snapshot).toString('utf8')) as RulesStateVersion1
  if (state.version !== 1) throw new Error(`it has version ${state.version}, not 1 or ${VERSION}`)
  return state
}
