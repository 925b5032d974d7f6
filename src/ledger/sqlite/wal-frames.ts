import {
  type Checksum,
  checksumAt,
  isSameChecksum,
  type Words,
  type WrongWord,
  walChecksum,
  writeChecksum,
  wrongWords,
} from "./wal-checksum.ts";

/** Sizes of a WAL in bytes, from SQLite's file format (https://www.sqlite.org/fileformat2.html#walformat). */
const header_bytes = 32;
const frame_header_bytes = 24;
/** The magic number of a WAL whose checksums are of little-endian words; one more: of big-endian ones. */
const magic = 0x377f0682;
const format_version = 3_007_000;
/** SQLite's own, which our files have, for a WAL whose header does not say it any more. */
const usual_page_bytes = 4096;

/** The bytes of a WAL. What is read is not written to. */
export interface WalSource {
  readonly bytes: number;
  read(offset: number, bytes: number): Buffer;
}

/** What is wrong with a WAL, so that SQLite drops what follows though it was committed. */
export interface WalDamage {
  /** The first damaged frame, from 1; 0 is the header. */
  readonly frame: number;
  /** Frames there are, without those that are left of an earlier round. */
  readonly frames: number;
  /** Commits that SQLite drops, as far as they are known. */
  readonly lost_commits: number;
  /** Whether it is known of every frame what was written. */
  readonly is_known: boolean;
}

/** What the frames of a WAL say about each other. */
export interface WalSurvey {
  readonly damage: WalDamage | null;
  /** Up to here SQLite takes the frames, whole commits. */
  readonly taken_frames: number;
  /** The last frame that ends a whole commit, on whichever side of the damage. */
  readonly last_frame: number;
  /** The last one before the last frame that is not known: what is behind may be the commit in which the machine died. */
  readonly sure_frame: number;
  /** Words that can be set right, by frame. */
  readonly words: ReadonlyMap<number, Word>;
  /** Frames up to the last one of which it is not known what was written. */
  readonly unknown: ReadonlySet<number>;
}

/** Four bytes of a frame as they were written. */
interface Word {
  readonly offset: number;
  readonly value: number;
}

/** What is to be known of a frame from itself and from what stands before it. */
interface Frame {
  /** SQLite would take it, if it took the one before. */
  readonly isSound: boolean;
  /** It holds what was written, or that is known. */
  readonly isKnown: boolean;
  /** Nothing is wrong with the frame before it but its checksum. */
  readonly provesLast: boolean;
  readonly isOwn: boolean;
  readonly isEnd: boolean;
  readonly word: Word | null;
  /** What the checksum may be that the next frame goes on from. */
  readonly after: readonly Checksum[];
}

/** The frames of a WAL. Reads them one by one, however many there are. */
export class WalFrames {
  readonly #source: WalSource;
  readonly #header: Buffer;
  readonly #isHeaderSound: boolean;
  readonly #isLittleEndian: boolean;
  readonly #page_bytes: number;
  readonly #frames: number;
  /** Frames of this round have them. */
  readonly #salts: Buffer;

  /** `source`: longer than a header, see `canHoldAny`. */
  constructor(source: WalSource) {
    this.#source = source;
    this.#header = source.read(0, header_bytes);
    this.#isLittleEndian = this.#header.readUInt32BE(0) !== magic + 1;
    this.#isHeaderSound = this.#isSoundHeader();
    this.#page_bytes = this.#isHeaderSound ? this.#header.readUInt32BE(8) : usual_page_bytes;
    this.#frames = Math.floor((source.bytes - header_bytes) / this.#frame_bytes);
    this.#salts = this.#isHeaderSound ? this.#header.subarray(16, 24) : this.#saltsOfFrames();
  }

  /** The smallest WAL that can hold anything has a header and something behind it. */
  static canHoldAny(bytes: number): boolean {
    return bytes > header_bytes;
  }

  /**
   * Tells damage from the end of the WAL. SQLite stops at the first frame whose checksum, over all that is before it, is
   * wrong, and that is right where a machine died while it wrote its last commit, of which any frames may be missing, or
   * where a commit failed and the next, shorter one was written over its beginning. It was damage, and what is behind it was
   * answered for, where one whole commit follows on another behind it, since only when one is synced the next is begun, with
   * the checksum of the last. And where all that is wrong is known, the commit was whole.
   */
  survey(): WalSurvey {
    let before: readonly Checksum[] = [checksumAt(this.#header, 24), this.#headerChecksum()];
    let last: Frame | null = null;
    let first_damaged = this.#isHeaderSound ? null : 0;
    let isCertain = !this.#isHeaderSound;
    let [taken_frames, last_frame, sure_frame, own_frames, lost_commits, ends] = [0, 0, 0, 0, 0, 0];
    let before_unknown: number | null = null;
    const words = new Map<number, Word>();
    const unknown = new Set<number>();
    for (let number = 1; number <= this.#frames; number += 1) {
      const frame = this.#look(number, before, last === null ? this.#isHeaderSound : last.isOwn && last.isKnown);
      if (frame.provesLast && last !== null) {
        unknown.delete(number - 1);
        if (last.isEnd) [last_frame, lost_commits] = [number - 1, lost_commits + 1];
      }
      if (!frame.isSound) first_damaged ??= number;
      if (!frame.isKnown) {
        unknown.add(number);
        before_unknown = last_frame;
        // Not even that it is an end is known: where a sector is missing, its bytes are of an earlier round.
        ends = 0;
      } else if (frame.isEnd) {
        // A word that is set right proves nothing about the others, should they be wrong as well.
        ends = frame.word === null ? ends + 1 : 0;
        last_frame = number;
        // Where more than one stands behind what is not known, they were answered.
        sure_frame = ends > 1 ? number : (before_unknown ?? number);
        if (first_damaged === null) taken_frames = number;
        else lost_commits += 1;
        isCertain ||= first_damaged !== null && ends > 1;
      }
      if (frame.isOwn) own_frames = number;
      if (frame.word !== null) words.set(number, frame.word);
      before = frame.after;
      last = frame;
    }
    for (const number of unknown) if (number > last_frame) unknown.delete(number);
    const is_known = unknown.size === 0;
    const isDamage = (isCertain || is_known) && first_damaged !== null && last_frame > taken_frames;
    const damage = { frame: first_damaged ?? 0, frames: own_frames, lost_commits, is_known };
    return isDamage
      ? { damage, taken_frames, last_frame, sure_frame, words, unknown }
      : { damage: null, taken_frames, last_frame: taken_frames, sure_frame: taken_frames, words, unknown };
  }

  /** The first frames, unchanged, as a WAL of their own, piece by piece. */
  *upTo(frames: number): Generator<Buffer> {
    yield this.#header;
    for (let number = 1; number <= frames; number += 1) yield this.#read(number);
  }

  /**
   * The WAL up to a frame that ends a commit, with header, salts and checksums that make SQLite take all of it, piece by piece.
   * Of a frame that is not known the page stands as it is found, or where `skips` says so, and where not even its number can
   * be right, as the frames beside it leave it: most pages are written again further on. Frames with a word set right are skipped
   * as well then: more than one word may have been wrong. What then is right is the audit's to say.
   */
  *mended({ words, unknown }: WalSurvey, last_frame: number, skips: boolean): Generator<Buffer> {
    const header = this.#isHeaderSound ? this.#header : this.#newHeader();
    yield header;
    const isSkipped = (number: number, page: Buffer): boolean =>
      (skips && words.has(number)) || (unknown.has(number) && (skips || !isPage(page)));
    let checksum = checksumAt(header, 24);
    let kept = this.#firstKept(isSkipped, last_frame);
    for (let number = 1; number <= last_frame; number += 1) {
      const found = this.#read(number);
      const isLeftOut = isSkipped(number, found);
      if (!isLeftOut) kept = number;
      // What a frame beside it writes is written already, or is written again.
      const frame = isLeftOut ? this.#read(kept) : found;
      const word = skips ? undefined : words.get(kept);
      if (word !== undefined) this.#write(frame, word);
      // Without an end of its own its commit goes on to the next end.
      if (isLeftOut || unknown.has(number)) frame.writeUInt32BE(0, 4);
      if (number === last_frame) this.#end(frame, number, words);
      this.#salts.copy(frame, 8);
      checksum = walChecksum(checksum, this.#wordsOf(frame));
      writeChecksum(frame, 16, checksum);
      yield frame;
    }
  }

  get #frame_bytes(): number {
    return frame_header_bytes + this.#page_bytes;
  }

  #read(number: number): Buffer {
    return this.#source.read(header_bytes + (number - 1) * this.#frame_bytes, this.#frame_bytes);
  }

  /** `before`: what the checksum may be that this frame's goes on from, the one that is stored there first. */
  #look(number: number, before: readonly Checksum[], isAfterOwn: boolean): Frame {
    const frame = this.#read(number);
    const isOwn = frame.compare(this.#salts, 0, 8, 8, 16) === 0;
    const isEnd = frame.readUInt32BE(4) !== 0;
    const stored = checksumAt(frame, 16);
    const found = { isSound: false, isKnown: false, provesLast: false, isOwn, isEnd, word: null, after: [stored] };
    // What is left of an earlier round may fit what is left before it; only behind what is known could it be damaged salts.
    if (!isOwn && !isAfterOwn) return found;
    const words = this.#wordsOf(frame);
    const sums = before.map((checksum) => walChecksum(checksum, words));
    // SQLite takes no page 0; zeros have a checksum of zeros.
    const fitting = isPage(frame) ? sums.findIndex((sum) => isSameChecksum(sum, stored)) : -1;
    if (fitting !== -1) return { ...found, isSound: isOwn && fitting === 0, isKnown: true, provesLast: fitting > 0 };
    for (const sum of isOwn ? sums : []) {
      const wrong = wrongWords(sum, stored, words);
      const word = this.#likeliest(number, frame, wrong);
      if (word === null) continue;
      return { ...found, isKnown: true, isEnd: word.offset === 4 ? word.value !== 0 : isEnd, word };
    }
    return { ...found, after: [stored, ...sums.slice(0, 1)] };
  }

  /** Of several words the one that is then as in another version of the page, of which most words are alike; null where none is. */
  #likeliest(number: number, frame: Buffer, wrong: readonly WrongWord[]): Word | null {
    const words = wrong.map(({ offset, less }) => ({ offset, value: (this.#wordAt(frame, offset) + less) >>> 0 }));
    if (words.length < 2) return words[0] ?? null;
    for (let away = 1; away < this.#frames; away += 1) {
      for (const beside of [number - away, number + away]) {
        if (beside < 1 || beside > this.#frames) continue;
        const other = this.#read(beside);
        if (other.compare(frame, 0, 4, 0, 4) !== 0) continue;
        const alike = words.filter(({ offset, value }) => this.#wordAt(other, offset) === value);
        if (alike.length === 1) return alike[0] ?? null;
      }
    }
    return null;
  }

  /** Gives a frame the end that another one has. */
  #end(frame: Buffer, number: number, words: ReadonlyMap<number, Word>): void {
    const ending = this.#read(number);
    const word = words.get(number);
    if (word?.offset === 4) this.#write(ending, word);
    ending.copy(frame, 4, 4, 8);
  }

  #firstKept(isSkipped: (number: number, page: Buffer) => boolean, last_frame: number): number {
    for (let number = 1; number < last_frame; number += 1) if (!isSkipped(number, this.#read(number))) return number;
    return last_frame;
  }

  #wordsOf(frame: Buffer): Words {
    const stretches = [
      { start: 0, bytes: 8 },
      { start: frame_header_bytes, bytes: this.#page_bytes },
    ];
    return { content: frame, isLittleEndian: this.#isLittleEndian, stretches };
  }

  #wordAt(frame: Buffer, offset: number): number {
    return this.#isLittleEndian ? frame.readUInt32LE(offset) : frame.readUInt32BE(offset);
  }

  #write(frame: Buffer, { offset, value }: Word): void {
    if (this.#isLittleEndian) frame.writeUInt32LE(value, offset);
    else frame.writeUInt32BE(value, offset);
  }

  /** Those of the first frame that follows on the one before it; of nothing but damage, whatever stands there. */
  #saltsOfFrames(): Buffer {
    let before = checksumAt(this.#header, 24);
    for (let number = 1; number <= this.#frames; number += 1) {
      const frame = this.#read(number);
      const stored = checksumAt(frame, 16);
      const follows = isPage(frame) && isSameChecksum(walChecksum(before, this.#wordsOf(frame)), stored);
      if (follows) return frame.subarray(8, 16);
      before = stored;
    }
    return this.#header.subarray(16, 24);
  }

  #isSoundHeader(): boolean {
    const [found, version, page_bytes = 0] = [0, 4, 8].map((offset) => this.#header.readUInt32BE(offset));
    const isKnown = (found === magic || found === magic + 1) && version === format_version;
    const isPage = page_bytes >= 512 && page_bytes <= 65_536;
    return isKnown && isPage && isSameChecksum(this.#headerChecksum(), checksumAt(this.#header, 24));
  }

  #headerChecksum(header = this.#header): Checksum {
    const stretches = [{ start: 0, bytes: 24 }];
    return walChecksum([0, 0], { content: header, isLittleEndian: this.#isLittleEndian, stretches });
  }

  #newHeader(): Buffer {
    const header = Buffer.from(this.#header);
    header.writeUInt32BE(this.#isLittleEndian ? magic : magic + 1, 0);
    header.writeUInt32BE(format_version, 4);
    header.writeUInt32BE(this.#page_bytes, 8);
    this.#salts.copy(header, 16);
    writeChecksum(header, 24, this.#headerChecksum(header));
    return header;
  }
}

/** Whether a frame can be of the page that it names. */
function isPage(frame: Buffer): boolean {
  const page = frame.readUInt32BE(0);
  return page > 0 && page < 0xffff_ffff;
}
