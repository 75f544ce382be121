import { open, type FileHandle } from 'node:fs/promises'
import { unreadable } from './refuse.ts'

/** Bytes of a file by their place, never beyond its end: a reader that is given zeros instead would measure them. */
export interface ByteSource {
  readonly bytes: number
  /** @throws Problem `projects/image-unreadable` when the file ends before. */
  read(offset: number, length: number, what: string): Promise<Buffer>
}

export class FileBytes implements ByteSource {
  readonly bytes: number
  readonly #handle: FileHandle

  private constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle
    this.bytes = bytes
  }

  static async open(path: string): Promise<FileBytes> {
    const handle = await open(path, 'r')
    const { size } = await handle.stat()
    return new FileBytes(handle, size)
  }

  async read(offset: number, length: number, what: string): Promise<Buffer> {
    refuseBeyond(this.bytes, offset, length, what)
    const buffer = Buffer.allocUnsafeSlow(length)
    let got = 0
    while (got < length) {
      const { bytesRead } = await this.#handle.read(buffer, got, length - got, offset + got)
      if (bytesRead === 0) throw beyond(this.bytes, offset, length, what)
      got += bytesRead
    }
    return buffer
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** The same over bytes that are in memory: a box of another file. */
export function bytesOf(buffer: Uint8Array): ByteSource {
  return {
    bytes: buffer.length,
    async read(offset, length, what) {
      refuseBeyond(buffer.length, offset, length, what)
      return Buffer.from(buffer.subarray(offset, offset + length))
    },
  }
}

function refuseBeyond(bytes: number, offset: number, length: number, what: string): void {
  const isPlace = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
  if (!isPlace || offset + length > bytes) throw beyond(bytes, offset, length, what)
}

function beyond(bytes: number, offset: number, length: number, what: string) {
  return unreadable(
    `The file has ${bytes} bytes, and ${what} should lie at ${offset} with ${length} bytes. It is cut short or damaged; send it again whole.`,
    { bytes, offset, length },
  )
}
