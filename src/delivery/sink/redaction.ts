import { Secret } from '../../core/secret.ts'
import type { DeliveryOutcome, Notifier, Sink } from './sink.ts'

/** Every secret in a sink's configuration, at any depth up to 6. */
export function secretsWithin(value: unknown, depth = 0): Secret[] {
  if (value instanceof Secret) return [value]
  if (value === null || typeof value !== 'object' || depth > 6) return []
  return Object.values(value).flatMap((part) => secretsWithin(part, depth + 1))
}

/**
 * Returns a function that replaces the secrets in a text. A receiver may quote our request in its answer, and that
 * answer appears in logs and dead letters. If a secret is a URL, its path alone is replaced too.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => formsOf(secret.reveal())).filter((form) => form.length >= 6)
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length)
  return (text) => longestFirst.reduce((result, form) => result.replaceAll(form, '[redacted]'), text)
}

function formsOf(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64')
  const forms = [value, encodeURIComponent(value), base64, JSON.stringify(value).slice(1, -1)]
  if (URL.canParse(value)) forms.push(new URL(value).pathname)
  return forms
}

/** Wraps a sink so that no outcome or error contains its secrets. */
export function redacting(sink: Sink, redact: (text: string) => string): Sink {
  return {
    ...endpoint(sink, redact),
    deliver: async (batch, signal) => redactedOutcome(await guarded(sink.deliver(batch, signal)), redact),
  }

  function guarded<T>(promise: Promise<T>): Promise<T> {
    return promise.catch((error: unknown) => rethrow(error, redact))
  }
}

export function redactingNotifier(notifier: Notifier, redact: (text: string) => string): Notifier {
  return {
    ...endpoint(notifier, redact),
    notify: async (notice, signal) => {
      const outcome = await notifier.notify(notice, signal).catch((error: unknown) => rethrow(error, redact))
      return redactedOutcome(outcome, redact)
    },
  }
}

function endpoint(sink: Sink | Notifier, redact: (text: string) => string): Pick<Sink, 'check' | 'setup' | 'close'> {
  return {
    check:
      sink.check && (async (signal) => await sink.check?.(signal).catch((error: unknown) => rethrow(error, redact))),
    setup:
      sink.setup && (async (signal) => (await sink.setup?.(signal).catch((e: unknown) => rethrow(e, redact))) ?? []),
    close: sink.close && (async () => await sink.close?.()),
  }
}

function redactedOutcome<Outcome extends DeliveryOutcome>(outcome: Outcome, redact: (text: string) => string): Outcome
function redactedOutcome(outcome: DeliveryOutcome, redact: (text: string) => string): DeliveryOutcome {
  switch (outcome.kind) {
    case 'delivered':
      return outcome
    case 'retry':
    case 'rejected':
      return { ...outcome, detail: redact(outcome.detail) }
    case 'partial': {
      const rejected = outcome.rejected.map((r) => ({ ...r, detail: redact(r.detail) }))
      return outcome.detail === undefined
        ? { ...outcome, rejected }
        : { ...outcome, rejected, detail: redact(outcome.detail) }
    }
    default:
      return outcome satisfies never
  }
}

/** Throws a new error with the redacted message only: causes and stacks may contain secrets too. */
function rethrow(error: unknown, redact: (text: string) => string): never {
  throw new Error(redact(error instanceof Error ? error.message : String(error)))
}
