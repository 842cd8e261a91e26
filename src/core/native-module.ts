import { OddlineError } from './errors.ts'

/** Where Node could not load a binary: it was built for another Node or system, is damaged, or was never built. */
const UNLOADABLE = /Could not locate the bindings file|No native build was found/

/** The failure to load a native module in the operator's words; anything else is passed on as it is. */
export function asNativeError(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code !== 'ERR_DLOPEN_FAILED' && !UNLOADABLE.test(String(message))) return error
  const name = /node_modules[\\/]([\w.-]+)/.exec(String(message))?.[1] ?? 'better-sqlite3'
  return new OddlineError(
    'NATIVE_MODULE',
    `The native part of ${name} does not load in Node ${process.versions.node} on ${process.platform}-${process.arch}; ` +
      'it was built for another Node or system, or not at all. ' +
      `Run \`npm rebuild ${name}\` where Oddline is installed, with this Node, and run again.`,
    { cause: error },
  )
}
