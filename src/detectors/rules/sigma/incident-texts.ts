import { z } from 'zod'

/** Fields that the title of an incident may contain, as `{user}`. */
export const TITLE_FIELDS = ['user', 'client', 'host', 'page', 'count', 'span', 'status', 'rule'] as const

const Title = z.string().min(1).max(200).superRefine(checkFields)

/** The section `oddline` of a rule: what the rule says in an incident. */
export const IncidentTexts = z.strictObject(
  {
    title: Title.optional(),
    /** The title of an attack that succeeded. */
    title_succeeded: Title.optional(),
    /** What a person should do. */
    remedy: z.string().min(1).max(500).optional(),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `does not know ${(keys as string[]).join(', ')}; it has title, title_succeeded and remedy`
        : undefined,
  },
)
export type IncidentTexts = z.infer<typeof IncidentTexts>

function checkFields(title: string, context: z.RefinementCtx): void {
  const known: readonly string[] = TITLE_FIELDS
  const problem = (message: string) => context.addIssue({ code: 'custom', message })
  for (const [, field] of title.matchAll(/\{([^{}]*)\}/g)) {
    if (!known.includes(field)) problem(`{${field}} is not a field of an incident; use one of ${known.join(', ')}`)
  }
  if (/[{}]/.test(title.replace(/\{[^{}]*\}/g, ''))) problem('has a brace without its partner')
}
