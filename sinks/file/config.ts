import { z } from 'zod'

export const FileConfig = z.strictObject({
  path: z.string().min(1).describe('File that findings are appended to, one JSON document per line'),
  max_bytes: z
    .number()
    .int()
    .min(1024)
    .default(100 * 1024 * 1024)
    .describe('The file is rotated (path.1, path.2, ...) before it would grow beyond this'),
  keep: z.number().int().min(1).max(1000).default(10).describe('Rotated files kept'),
})
export type FileConfig = z.infer<typeof FileConfig>
