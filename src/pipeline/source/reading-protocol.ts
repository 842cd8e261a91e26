import type { PortableBlock } from '../../core/columns/portable-block.ts'
import type { ReadProblem } from '../../core/documents/batch.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { StoredFile } from '../../core/stored-file.ts'
import type { EngineSettings } from '../engine/engine-protocol.ts'
import type { BlockAccount } from './block-source.ts'

export interface ReadingSettings extends Pick<EngineSettings, 'logs'> {
  readonly stored: readonly StoredFile[]
}

/** Each is answered in its order, except that memory is taken back in silence. */
export type ReadingRequest =
  | { readonly type: 'discover' }
  | { readonly type: 'next' }
  | { readonly type: 'free'; readonly memory: SharedArrayBuffer }
  | { readonly type: 'close' }

export type ReadingAnswer =
  | { readonly type: 'discovered'; readonly files: number; readonly bytesToRead: number }
  | { readonly type: 'block'; readonly block: PortableBlock; readonly account: BlockAccount<StoredFile> }
  | { readonly type: 'end'; readonly moved: readonly StoredFile[]; readonly problems: readonly ReadProblem[] }
  | { readonly type: 'closed' }
  | {
      readonly type: 'failed'
      readonly message: string
      readonly code: ErrorCode | undefined
      readonly errno: string | undefined
      readonly stack: string | undefined
    }
