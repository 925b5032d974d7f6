import { type Checksum, isSameChecksum, type Words, type WrongWord, walChecksum, wrongWords } from "./wal-checksum.ts";

/** Sizes of a WAL in bytes, from SQLite's file format (https://www.sqlite.org/fileformat2.html#walformat). */
const header_bytes = 32;
const frame_header_bytes = 24;
/** The magic number of a WAL whose checksums are of little-endian words; one more: of big-endian ones. */
const magic = 0x377f0682;
const format_version = 3_007_000;
/** SQLite's own, which our files have, for a WAL whose header does not say it any more. */
const usual_page_bytes = 4096;

/** What is wrong with a WAL, so that SQLite drops what follows though it was committed. */
export interface WalDamage {
  /** The first damaged frame, from 1; 0 is the header. */
  readonly frame: number;
  /** Frames there are, without those that are left of an earlier round. */
  readonly frames: number;
  /** Commits that SQLite drops, as far as they are known. */
  readonly lost_commits: number;
}

/** What the frames of a WAL say about each other. */
export interface WalSurvey {
  readonly damage: WalDamage | null;
  /** Up to here SQLite takes the frames, whole commits. */
  readonly taken_frames: number;
  /** The last frame that ends a whole commit, on whichever side of the damage. */
  readonly last_frame: number;
  /** Words that can be set right: no other one explains why a checksum is wrong. */
  readonly words: readonly Word[];
}

/** Four bytes as they were written. */
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
  /** It is not as it was written, but how it was is known. */
  readonly isMended: boolean;
  /** The checksum field of the frame before it is wrong, but nothing else there. */
  readonly provesLast: boolean;
  readonly isOwn: boolean;
  readonly isEnd: boolean;
  readonly word: Word | null;
  /** What the checksum may be that the next frame goes on from. */
  readonly after: readonly Checksum[];
}

/** The bytes of a WAL, frame by frame. Neither reads nor changes any file. */
export class WalFrames {
  readonly #content: Buffer;
  readonly #page_bytes: number;
  readonly #isHeaderSound: boolean;
  readonly #isLittleEndian: boolean;
  /** Frames of this round have them; a damaged header's are those of the first frame. */
  readonly #salts: Buffer;
  readonly #frames: number;

  /** `content`: longer than a header, see `canHoldAny`. */
  constructor(content: Buffer) {
    this.#content = content;
    this.#isLittleEndian = content.readUInt32BE(0) !== magic + 1;
    this.#isHeaderSound = this.#isSoundHeader();
    this.#page_bytes = this.#isHeaderSound ? content.readUInt32BE(8) : usual_page_bytes;
    this.#frames = Math.floor((content.length - header_bytes) / (frame_header_bytes + this.#page_bytes));
    const salts = this.#isHeaderSound || this.#frames === 0 ? 16 : this.#startOf(1) + 8;
    this.#salts = Buffer.from(content.subarray(salts, salts + 8));
  }

  /** The smallest WAL that can hold anything has a header and something behind it. */
  static canHoldAny(content: Buffer): boolean {
    return content.length > header_bytes;
  }

  /**
   * Tells damage from the end of the WAL. SQLite stops at the first frame whose checksum, over all that is before it, is
   * wrong, and that is right where a machine died while it wrote its last commit, of which any frames may be missing. It was
   * damage, and what is behind it was answered for,
   * - where a commit is whole that was begun after the damaged one had ended, since only then the next one is begun;
   * - where no more is wrong than one word, since a disk writes more at once.
   */
  survey(): WalSurvey {
    let before: readonly Checksum[] = [this.#checksumAt(24), this.#headerChecksum()];
    let last: Frame | null = null;
    let first_damaged = this.#isHeaderSound ? null : 0;
    let isCertain = !this.#isHeaderSound;
    let has_damaged_ended = false;
    let [taken_frames, last_frame, own_frames, lost_commits] = [0, 0, 0, 0];
    const words: Word[] = [];
    for (let number = 1; number <= this.#frames; number += 1) {
      const frame = this.#read(number, before, last?.isOwn ?? true);
      if (!frame.isSound) first_damaged ??= number;
      if (frame.provesLast && last?.isEnd === true) {
        last_frame = number - 1;
        lost_commits += 1;
      }
      if (frame.isKnown && frame.isEnd) {
        last_frame = number;
        if (first_damaged === null) taken_frames = number;
        else lost_commits += 1;
      }
      if (frame.isOwn) own_frames = number;
      if (frame.word !== null) words.push(frame.word);
      isCertain ||= frame.provesLast || frame.isMended;
      has_damaged_ended ||= frame.isOwn && frame.isEnd && !frame.isKnown;
      before = frame.after;
      last = frame;
    }
    isCertain ||= lost_commits > (has_damaged_ended ? 0 : 1);
    const isDamage = isCertain && first_damaged !== null && last_frame > taken_frames;
    const damage = isDamage ? { frame: first_damaged ?? 0, frames: own_frames, lost_commits } : null;
    return { damage, taken_frames, last_frame: isDamage ? last_frame : taken_frames, words };
  }

  /** The first frames, unchanged, as a WAL of their own. */
  upTo(frame: number): Buffer {
    return Buffer.from(this.#content.subarray(0, this.#startOf(frame + 1)));
  }

  /**
   * The WAL up to the last whole commit, with header, salts and checksums that make SQLite take all of it. What else is damaged
   * stays: most pages are written again further on, and what the others hold is the audit's to say.
   */
  mended(): Buffer {
    const { last_frame, words } = this.survey();
    const mended = new WalFrames(this.upTo(last_frame));
    const content = mended.#content;
    for (const { offset, value } of words) {
      if (offset >= content.length) continue;
      if (this.#isLittleEndian) content.writeUInt32LE(value, offset);
      else content.writeUInt32BE(value, offset);
    }
    if (!this.#isHeaderSound) mended.#writeHeader();
    let checksum = mended.#checksumAt(24);
    for (let frame = 1; frame <= last_frame; frame += 1) {
      const start = this.#startOf(frame);
      this.#salts.copy(content, start + 8);
      checksum = walChecksum(checksum, mended.#wordsOf(frame));
      mended.#writeChecksum(start + 16, checksum);
    }
    return content;
  }

  /** `before`: what the checksum may be that this frame's goes on from, the one that is stored there first. */
  #read(number: number, before: readonly Checksum[], wasOwn: boolean): Frame {
    const start = this.#startOf(number);
    const isOwn = this.#content.compare(this.#salts, 0, 8, start + 8, start + 16) === 0;
    const isEnd = this.#content.readUInt32BE(start + 4) !== 0;
    const stored = this.#checksumAt(start + 16);
    const nothing = { isSound: false, isKnown: false, isMended: false, provesLast: false };
    const frame = { ...nothing, isOwn, isEnd, word: null, after: [stored] };
    // What is left of an earlier round is long; its first frame could be one whose salts are damaged.
    if (!isOwn && !wasOwn) return frame;
    const words = this.#wordsOf(number);
    const sums = before.map((checksum) => walChecksum(checksum, words));
    const fitting = sums.findIndex((sum) => isSameChecksum(sum, stored));
    if (fitting !== -1) {
      return { ...frame, isSound: isOwn && fitting === 0, isKnown: true, isMended: !isOwn, provesLast: fitting > 0 };
    }
    for (const sum of isOwn ? sums : []) {
      const word = this.#likeliest(
        number,
        wrongWords(sum, stored, words).map((wrong) => this.#mended(wrong)),
      );
      if (word === null) continue;
      return {
        ...frame,
        isKnown: true,
        isMended: true,
        isEnd: word.offset === start + 4 ? word.value !== 0 : isEnd,
        word,
      };
    }
    return { ...frame, after: [stored, ...sums.slice(0, 1)] };
  }

  #mended({ offset, less }: WrongWord): Word {
    return { offset, value: (this.#wordAt(offset) + less) >>> 0 };
  }

  /** Of several words the one that is then as in another version of the page, of which most words are alike; null where none is. */
  #likeliest(number: number, words: readonly Word[]): Word | null {
    if (words.length < 2) return words[0] ?? null;
    const start = this.#startOf(number);
    const page = this.#content.readUInt32BE(start);
    for (let away = 1; away < this.#frames; away += 1) {
      for (const other of [number - away, number + away]) {
        if (other < 1 || other > this.#frames || this.#content.readUInt32BE(this.#startOf(other)) !== page) continue;
        const moved = this.#startOf(other) - start;
        const alike = words.filter(({ offset, value }) => this.#wordAt(offset + moved) === value);
        if (alike.length === 1) return alike[0] ?? null;
      }
    }
    return null;
  }

  #wordAt(offset: number): number {
    return this.#isLittleEndian ? this.#content.readUInt32LE(offset) : this.#content.readUInt32BE(offset);
  }

  #wordsOf(frame: number): Words {
    const start = this.#startOf(frame);
    const page = { start: start + frame_header_bytes, bytes: this.#page_bytes };
    return { content: this.#content, isLittleEndian: this.#isLittleEndian, stretches: [{ start, bytes: 8 }, page] };
  }

  #isSoundHeader(): boolean {
    const [found, version, page_bytes = 0] = [0, 4, 8].map((offset) => this.#content.readUInt32BE(offset));
    const isKnown = (found === magic || found === magic + 1) && version === format_version;
    const isPage = page_bytes >= 512 && page_bytes <= 65_536;
    return isKnown && isPage && isSameChecksum(this.#headerChecksum(), this.#checksumAt(24));
  }

  #headerChecksum(): Checksum {
    const stretches = [{ start: 0, bytes: 24 }];
    return walChecksum([0, 0], { content: this.#content, isLittleEndian: this.#isLittleEndian, stretches });
  }

  #writeHeader(): void {
    this.#content.writeUInt32BE(this.#isLittleEndian ? magic : magic + 1, 0);
    this.#content.writeUInt32BE(format_version, 4);
    this.#content.writeUInt32BE(this.#page_bytes, 8);
    this.#salts.copy(this.#content, 16);
    this.#writeChecksum(24, this.#headerChecksum());
  }

  #startOf(frame: number): number {
    return header_bytes + (frame - 1) * (frame_header_bytes + this.#page_bytes);
  }

  #checksumAt(offset: number): Checksum {
    return [this.#content.readUInt32BE(offset), this.#content.readUInt32BE(offset + 4)];
  }

  #writeChecksum(offset: number, [one, two]: Checksum): void {
    this.#content.writeUInt32BE(one, offset);
    this.#content.writeUInt32BE(two, offset + 4);
  }
}
