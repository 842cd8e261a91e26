import fc from 'fast-check'

/** What may happen to the logs of one program between two looks at them, or during one. */
export type FileAction =
  | { readonly kind: 'write'; readonly lines: number; readonly padding: number }
  | { readonly kind: 'write_partial' }
  | { readonly kind: 'rotate_rename'; readonly reopen: boolean }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'copytruncate' }
  | { readonly kind: 'copy_begin' }
  | { readonly kind: 'copy_finish' }
  | { readonly kind: 'copy_truncate' }
  | { readonly kind: 'compress'; readonly age: number }
  | { readonly kind: 'compress_begin'; readonly age: number }
  | { readonly kind: 'compress_finish' }
  | { readonly kind: 'delete_rotated'; readonly age: number }
  | { readonly kind: 'recreate' }
  | { readonly kind: 'truncate'; readonly lines: number }
  | { readonly kind: 'move_away'; readonly age: number }
  | { readonly kind: 'touch' }

export type Action =
  | { readonly kind: 'on'; readonly log: number; readonly action: FileAction }
  /** A run: `during` happens between its blocks; it is killed after `killAfter` blocks, and commits every `commitEvery`. */
  | {
      readonly kind: 'run'
      readonly during: readonly Action[]
      readonly killAfter: number
      readonly commitEvery: number
    }
  /** A run that finds everything as old as it is, so that it may believe in unchanged times. */
  | { readonly kind: 'quiet_run' }

const age = fc.integer({ min: 1, max: 3 })

export const fileAction: fc.Arbitrary<FileAction> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      lines: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 5, max: 60 })),
      padding: fc.constantFrom(0, 20, 120, 300),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'write_partial' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rotate_rename' as const), reopen: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'copytruncate' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'copy_begin' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'copy_finish' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'copy_truncate' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('compress' as const), age }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compress_begin' as const), age }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'compress_finish' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete_rotated' as const), age }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'recreate' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('truncate' as const), lines: fc.constantFrom(0, 1, 60, 200) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move_away' as const), age }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'touch' as const }) },
)

const onLog: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('on' as const),
  log: fc.constantFrom(0, 0, 0, 1),
  action: fileAction,
})

const run: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('run' as const),
  during: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(onLog, { maxLength: 4 })),
  killAfter: fc.oneof({ weight: 2, arbitrary: fc.constant(Number.POSITIVE_INFINITY) }, fc.integer({ min: 0, max: 4 })),
  commitEvery: fc.integer({ min: 1, max: 4 }),
})

export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: onLog },
    { weight: 4, arbitrary: run },
    { weight: 1, arbitrary: fc.constant<Action>({ kind: 'quiet_run' }) },
  ),
  { minLength: 2, maxLength: 40 },
)

/** How the logs of a sequence are written. */
export interface Setting {
  /** True if writers append; a writer that does not continues at its old position after a truncation. */
  readonly append: boolean
  /** Whether every file begins with the same lines. */
  readonly banner: boolean
  /** How many rotated files are kept; older ones are deleted. */
  readonly keep: number
}

export const setting: fc.Arbitrary<Setting> = fc.record({
  append: fc.boolean(),
  banner: fc.boolean(),
  keep: fc.constantFrom(2, 6),
})
