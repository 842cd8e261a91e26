import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Spares the download of GPU libraries: 200 MB that Oddline never loads, and without a network a failed installation.
 *
 * onnxruntime-node fetches them in its postinstall script unless they are there, and a package cannot set an npm option
 * for its dependencies. npm unpacks all packages, then runs every preinstall script, and only then the first
 * postinstall script, so an empty file in the place of each is enough. Whoever wants them says so with
 * ONNXRUNTIME_NODE_INSTALL=cuda12: the answer of the operator comes first, and replaces the empty files.
 */
const { env } = process
const asked = ['ONNXRUNTIME_NODE_INSTALL', 'ONNXRUNTIME_NODE_INSTALL_CUDA'].some(
  (name) => env[name] || env[`npm_config_${name.toLowerCase()}`],
)

try {
  if (!asked) leaveEmptyFiles()
} catch {
  // Another layout of that package, or another installer: it then does as it always does.
}

function leaveEmptyFiles() {
  const require = createRequire(import.meta.url)
  const root = dirname(require.resolve('onnxruntime-node/package.json'))
  const { requirements, manifests } = require(join(root, 'script/install-metadata.js'))
  const platform = `${process.platform}/${process.arch}`
  for (const name of requirements[platform] || []) {
    for (const file of Object.keys(manifests[`${platform}:${name}`])) {
      const path = join(root, 'bin/napi-v6', platform, file)
      if (!existsSync(path)) writeFileSync(path, '')
    }
  }
}
