import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { foldText } from "../../../src/readmodels/search/fold-text.ts";
import { parseSearch } from "../../../src/readmodels/search/search-query.ts";
import { wordsOf } from "../../../src/readmodels/search/words.ts";
import { suite } from "../../support/suite.ts";

const it = suite("the words of a text");

it("are the same whatever the case, the accents and the form of their letters", () => {
  const alike: readonly (readonly string[])[] = [
    ["Störung", "STÖRUNG", "storung", "Sto\u0308rung", "störung"],
    ["Straße", "STRASSE", "strasse", "STRAẞE"],
    ["Ελλάδας", "ΕΛΛΆΔΑΣ", "ελλαδασ"],
    ["İstanbul", "ISTANBUL", "ıstanbul", "istanbul", "I\u0307stanbul"],
    ["Ёлка", "елка", "ЕЛКА"],
    ["Сбой", "СБОЙ", "сбои"],
    ["crème brûlée", "CREME BRULEE"],
    ["Đà Nẵng", "da nang"],
    ["Łódź", "LODZ"],
    ["smørrebrød", "Smorrebrod"],
    ["Cæsar œuvre", "caesar oeuvre"],
    ["ﬁle", "FILE", "ｆｉｌｅ"],
    ["ガ", "ｶﾞ", "カ\u3099"],
    ["한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"],
    ["مُحَمَّد", "محمد"],
    ["שָׁלוֹם", "שלום"],
    ["time\u00adout", "timeout"],
    ["№ ½", "no 1⁄2"],
  ];
  for (const texts of alike) {
    for (const text of texts) assert.equal(wordsOf(text), wordsOf(texts[0] ?? ""), `${text} as ${texts[0]}`);
    assert.ok(wordsOf(texts[0] ?? "").length > 0);
  }
});

it("are parted by all that is no letter, mark or digit", () => {
  assert.equal(wordsOf("db-01.example.com:5432/x_y"), ["db", "01", "example", "com", "5432", "x", "y"]);
  assert.equal(wordsOf("हिन्दी में\u00a0त्रुटि"), ["हिन्दी", "में", "त्रुटि"]);
  assert.equal(wordsOf("🔥🔥 down"), ["🔥", "🔥", "down"]);
  assert.equal(wordsOf(" \0\t\u200b…—\ud800\udfff "), []);
  assert.equal(wordsOf(""), []);
});

it("are pairs of characters where a script has no spaces between words", () => {
  assert.equal(wordsOf("東京都"), ["東京", "京都", "都"]);
  assert.equal(wordsOf("API障害 発生"), ["api", "障害", "害", "発生", "生"]);
  assert.equal(wordsOf("サーバー"), ["サー", "ーバ", "バー", "ー"]);
  assert.equal(wordsOf("𠮷野"), ["𠮷野", "野"]);
  assert.is(wordsOf("ระบบล่ม").length, 7);
});

it("are cut where they are very long, never in the middle of a character", () => {
  assert.equal(wordsOf("a".repeat(100)), ["a".repeat(48)]);
  assert.equal(wordsOf(`${"a".repeat(47)}𝒳x`), [`${"a".repeat(47)}x`]);
  assert.equal(wordsOf(`${"a".repeat(47)}\u{10400}`), ["a".repeat(47)]);
});

it("do not change when they are folded again, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const folded = foldText(text);
      assert.is(foldText(folded), folded);
      for (const word of wordsOf(text)) assert.ok(word.length > 0 && word.length <= 48);
    }),
  );
});

it("make a search of whatever is typed, and never fail", () => {
  assert.equal(parseSearch("Disk FULL"), {
    wanted: [
      { words: ["disk"], is_open: true },
      { words: ["full"], is_open: true },
    ],
    unwanted: [],
  });
  assert.equal(parseSearch('"disk full" -test -"false alarm" „x“'), {
    wanted: [
      { words: ["disk", "full"], is_open: false },
      { words: ["x"], is_open: false },
    ],
    unwanted: [
      { words: ["test"], is_open: false },
      { words: ["false", "alarm"], is_open: false },
    ],
  });
  assert.equal(parseSearch("db-01 --verbose")?.wanted, [
    { words: ["db", "01"], is_open: true },
    { words: ["verbose"], is_open: true },
  ]);
  assert.equal(parseSearch("東京都")?.wanted, [{ words: ["東京", "京都"], is_open: false }]);
  assert.equal(parseSearch("京")?.wanted, [{ words: ["京"], is_open: true }]);
  assert.equal(parseSearch('"京"')?.wanted, [{ words: ["京"], is_open: true }]);
  for (const nothing of ["", " ", '"', '""', "-", "- -", "-test", "*", "()", "?!", "AND".repeat(0)]) {
    assert.is(parseSearch(nothing), null, nothing);
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (typed) => parseSearch(typed) !== undefined));
});
