import { OVERFLOW_HELP } from '../../../src/core/documents/dead-letter.ts'
import { FAILURE_HELP } from '../../../src/core/documents/failure.ts'
import type { Help } from '../../../src/core/documents/help.ts'
import { NOTICE_CAUSES } from '../../../src/core/documents/notice.ts'
import { ERROR_CODES } from '../../../src/core/errors.ts'
import { EXIT_MEANINGS } from '../../../src/faces/cli/exit-codes.ts'
import { PROBLEMS } from '../../../src/faces/http/problem.ts'
import { READ_PROBLEMS } from '../../../src/reading/identity/discovery.ts'

/** `ERRORS.md`: every code that a user can meet, from the tables in the code. */
export function errorsPage(): string {
  const problems = Object.entries(PROBLEMS).map(([code, { status, title, remedy }]) => [code, status, title, remedy])
  const errors = Object.entries(ERROR_CODES).map(([code, { exit, meaning, remedy }]) => [code, exit, meaning, remedy])
  return `# Errors

What each code means, and what to do. The tables are made from the code (\`npm run pin\`); a test holds them equal.
Codes are stable ([STABILITY.md](STABILITY.md)); the words around them may get better at any time.

## Errors of the program

\`oddline\` prints \`oddline: CODE: what happened\` on standard error, and ends with the exit code. An error without a
code is unexpected: its stack is printed, the exit code is 1, and we want to know of it ([SECURITY.md](SECURITY.md) if it
can be abused, an issue otherwise).

${table(['code', 'exit', 'meaning', 'what to do'], errors)}
## Exit codes

${table(['code', 'meaning'], Object.entries(EXIT_MEANINGS))}
## Problems of the API

Answers of type \`application/problem+json\` (RFC 9457) carry the \`code\`; \`detail\` says what is wrong in this case, and
\`instance\` is the id of the request, which the log names too. \`oddline/client\` throws them as \`OddlineApiError\`; its
code is \`UNKNOWN\` where the answer was not one of ours, such as one of a proxy.

${table(['code', 'status', 'meaning', 'what to do'], problems)}
## Why a delivery failed

The \`reason\` in \`oddline sinks list\`, \`oddline dead-letters list\`, the log, and the label \`reason\` of
\`oddline_dead_letters\`.

${table(['reason', 'meaning', 'what to do'], helpRows({ ...FAILURE_HELP, overflow: OVERFLOW_HELP }))}
## Why a file was not read as it should be

The \`kind\` in the \`problems\` of a summary and in the log. The other files were read; the exit code is 5.

${table(['kind', 'meaning', 'what to do'], helpRows(READ_PROBLEMS))}
## Why people are told of an incident

The \`cause\` of a notice. Several at once come as one digest.

${table(['cause', 'meaning'], Object.entries(NOTICE_CAUSES))}`
}

function helpRows(entries: Readonly<Record<string, Help>>): string[][] {
  return Object.entries(entries).map(([code, { meaning, remedy }]) => [code, meaning, remedy])
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map(([code, ...rest]) => [`\`${code}\``, ...rest])]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}
