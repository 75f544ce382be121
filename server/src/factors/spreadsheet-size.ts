import { Problem } from '@tidemark/core/lib/problem.ts'

/** What the files within one spreadsheet may unpack to together; the largest of a publisher comes to 25 MB. */
export const UNPACKED_BYTES_MAX = 64 * 1024 * 1024
const ENTRIES_MAX = 2_000

/* The marks and lengths of PKWARE's APPNOTE, 4.3.12 and 4.3.16. */
const END = 0x06054b50
const ENTRY = 0x02014b50
const END_BYTES = 22
const ENTRY_BYTES = 46
const COMMENT_BYTES_MAX = 0xffff
const SIZES_FOLLOW = 8
/** Nothing at all, deflated. */
const EMPTY_BYTES = 2

/**
 * Refuses a spreadsheet that unpacks to more than can be held, before anything of it is unpacked: 300 kB can hold a
 * gigabyte of blanks. The list of contents is read as the reader reads it. An entry that holds more than it says is
 * refused by the reader, which stops there; one that says nothing is refused here, because there the reader would not.
 * @throws Problem `factors/unreadable-file`
 */
export function refuseTooMuchUnpacked(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  if (end === undefined) throw refusal('the archive has no list of its contents')
  const entries = view.getUint16(end + 10, true)
  if (entries > ENTRIES_MAX || view.getUint32(end + 12, true) === 0xffffffff)
    throw refusal(`it holds more than ${ENTRIES_MAX} files`)
  let at = view.getUint32(end + 16, true)
  let unpacked_bytes = 0
  for (let left = entries; left > 0; left--) {
    if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== ENTRY)
      throw refusal('the list of its contents is damaged')
    const packed_bytes = view.getUint32(at + 20, true)
    const says_bytes = view.getUint32(at + 24, true)
    const sizes_follow = (view.getUint16(at + 8, true) & SIZES_FOLLOW) !== 0
    if (says_bytes === 0 && (packed_bytes > EMPTY_BYTES || (sizes_follow && packed_bytes === 0)))
      throw refusal('a file in it does not say how large it is')
    unpacked_bytes += says_bytes
    at += ENTRY_BYTES + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  if (unpacked_bytes > UNPACKED_BYTES_MAX)
    throw refusal(`it unpacks to ${unpacked_bytes} bytes, and ${UNPACKED_BYTES_MAX} are the most`)
}

/** Where the list of contents is named: the last such mark, behind which there may be a comment. */
function endOf(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - END_BYTES - COMMENT_BYTES_MAX)
  for (let at = view.byteLength - END_BYTES; at >= first; at--) if (view.getUint32(at, true) === END) return at
  return undefined
}

function refusal(why: string): Problem {
  return new Problem('factors/unreadable-file', {
    detail: `The spreadsheet cannot be opened: ${why}. Nothing was changed.`,
  })
}
