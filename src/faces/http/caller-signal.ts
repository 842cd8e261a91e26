import type { FastifyReply } from 'fastify'
import { OddlineError } from '../../core/errors.ts'
import type { Api } from './api.ts'

/** Makes signals that abort when the caller of a request has left, or when the API closes, which waits for answers. */
export function callerSignals(app: Api): (reply: FastifyReply) => AbortSignal {
  const open = new Set<AbortController>()
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
    for (const one of open) one.abort(ending())
  })
  return ({ raw }) => {
    const caller = new AbortController()
    const leave = () => {
      open.delete(caller)
      caller.abort(ended('The caller has left.'))
    }
    open.add(caller)
    raw.on('close', leave)
    if (raw.destroyed) leave()
    if (closing) caller.abort(ending())
    return caller.signal
  }
}

function ending(): OddlineError {
  return ended('The program is about to end; ask again in a moment.')
}

function ended(why: string): OddlineError {
  return new OddlineError('STATE_BUSY', why)
}
