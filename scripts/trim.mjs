// Takes from a fresh production installation what nothing here ever opens: a third of its size. What is imported,
// served or bundled stays, and so do licences. An installation made by hand or for the tests is left as npm made it.
// Plain JavaScript, built-in modules only, like `ensure.mjs` that runs it.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** @type {{ reason: string, drops: (folder: string, file: string) => boolean }[]} */
const neverOpened = [
  { reason: 'source maps of libraries', drops: (_folder, file) => file.endsWith('.map') },
  {
    // Its `wasm` build is the one that runs here; these three are for graphics cards and for browsers' own promises.
    reason: 'ONNX builds for other places',
    drops: (folder, file) =>
      folder.endsWith(join('onnxruntime-web', 'dist')) && /\.(?:asyncify|jsep|jspi)\.(?:wasm|mjs)$/.test(file),
  },
]

/**
 * Removes those files under `node_modules` of `root`, and the headers that come with Node for compiling add-ons: nothing
 * here is compiled.
 * @param {string} root
 */
export function trimInstallation(root) {
  const modules = join(root, 'node_modules')
  for (const name of readdirSync(modules).filter((each) => each.startsWith('node-'))) {
    if (existsSync(join(modules, name, 'bin'))) rmSync(join(modules, name, 'include'), { recursive: true, force: true })
  }
  trimFolder(modules)
}

function trimFolder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    // Links lead to our own workspaces, which are no one's to trim.
    if (entry.isDirectory()) trimFolder(path)
    else if (entry.isFile() && neverOpened.some(({ drops }) => drops(folder, entry.name))) rmSync(path, { force: true })
  }
}
