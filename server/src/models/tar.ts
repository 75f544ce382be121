/** A file of an archive. */
export interface TarFile {
  name: string
  bytes: Uint8Array
}

const BLOCK = 512

/** Packs files as POSIX ustar, in their order, without owners and with one time for all: the same files give the same bytes. */
export function tarOf(files: readonly TarFile[], at: Date): Uint8Array {
  const blocks = files.flatMap(({ name, bytes }) => {
    const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK)
    padded.set(bytes)
    return [header(name, bytes.length, at), padded]
  })
  return Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)])
}

function header(name: string, size: number, at: Date): Uint8Array {
  const block = new Uint8Array(BLOCK)
  const write = (offset: number, text: string) => block.set(new TextEncoder().encode(text), offset)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  write(0, name.slice(0, 99))
  write(100, octal(0o644, 7))
  write(108, octal(0, 7))
  write(116, octal(0, 7))
  write(124, octal(size, 11))
  write(136, octal(Math.floor(at.getTime() / 1000), 11))
  // The sum is taken with blanks in its own place.
  write(148, ' '.repeat(8))
  write(156, '0')
  write(257, 'ustar\0')
  write(263, '00')
  write(
    148,
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
  )
  return block
}
