import * as assert from "uvu/assert";
import { placesIn, setOf } from "../../../src/readmodels/search/bit-set.ts";
import { growingSpots, grownSpots, pushSpots } from "../../../src/readmodels/search/coded-spots.ts";
import { addOccurrences, following, placesOfOccurrences } from "../../../src/readmodels/search/occurrences.ts";
import { encodeParted, isMarkIn, noMarks, partedRow, setMarks } from "../../../src/readmodels/search/parted-row.ts";
import { spotOf } from "../../../src/readmodels/search/spots.ts";
import { seededRandom } from "../../support/readmodels/random-history.ts";
import { suite } from "../../support/suite.ts";

const it = suite("the occurrences of a word");

const whole = [0, 128] as const;

interface Text {
  readonly place: number;
  /** How many words stand before each occurrence, and the mark of the one right before. */
  readonly spots: readonly (readonly [stand: number, mark: number])[];
}

function coded(texts: readonly Text[]) {
  const grown = growingSpots();
  for (const { spots } of texts) {
    pushSpots(
      grown,
      spots.map(([stand, mark]) => spotOf(stand, mark)),
    );
  }
  return { spots: grownSpots(grown), places: setOf(texts.map(({ place }) => place)) };
}

it("are those of the wanted incidents after the wanted mark, however long the texts are", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seededRandom(seed);
    const density = random() ** 3;
    const longest = random() < 0.2 ? 400 : 4;
    const texts: Text[] = [];
    for (let place = 0; place < 4096; place += 1) {
      if (random() >= density) continue;
      let stand = -1;
      const spots = Array.from({ length: Math.floor(random() * longest) }, () => {
        stand += 1 + Math.floor(random() ** 8 * 300);
        return [stand, Math.floor(random() * 5)] as const;
      });
      texts.push({ place, spots: spots.filter(([at]) => at < 65_535) });
    }
    const chance = random() ** 2;
    const among = setOf(Array.from({ length: 4096 }, (_, place) => place).filter(() => random() < chance));
    const { spots, places } = coded(texts);
    for (const mark of [0, 1, 4, 9]) {
      const found: number[] = [];
      addOccurrences(found, spots, places, whole, { among, mark });
      const wanted = new Set(placesIn(among));
      const expected = texts
        .filter(({ place }) => wanted.has(place))
        .flatMap(({ place, spots: of }) =>
          of.filter(([, before]) => mark === 0 || before === mark).map(([stand]) => place * 65_536 + stand),
        );
      assert.equal(found, expected, `seed ${seed}, mark ${mark}`);
      assert.equal(
        placesIn(placesOfOccurrences(found)),
        [...new Set(expected.map((each) => Math.floor(each / 65_536)))],
        `seed ${seed}`,
      );
    }
  }
});

it("follow each other only within an incident", () => {
  const last = 5 * 65_536 + 65_534;
  assert.equal(following([4, last], [5, 6, 6 * 65_536]), [5]);
  assert.equal(following([], [1]), []);
  assert.equal(following([1, 2, 3], [2, 3, 4, 6]), [2, 3, 4]);
});

const parted = suite("what the row of a frequent word says of its parts");
const key = { block: 3, word: "server", field: 1 };
const row = (spots: Buffer) => ({ ...key, places: Buffer.alloc(0), spots });

parted("are the marks in each, and none that was there before", () => {
  const marks = noMarks();
  setMarks(marks, 2, { marks: Buffer.from([0, 7, 255]) });
  setMarks(marks, 2, { marks: Buffer.from([8, 255]) });
  setMarks(marks, 3, { marks: Buffer.from([9]) });
  const read = partedRow(row(encodeParted(key, { number: 77, marks })));
  assert.is(read?.number, 77);
  for (let part = 0; part < 4; part += 1) {
    const found = Array.from({ length: 256 }, (_, mark) => mark).filter((mark) => read && isMarkIn(read, part, mark));
    assert.equal(found, [[], [], [8, 255], [9]][part]);
  }
});

parted("is not believed where a byte of it is another, or it was another row's", () => {
  const whole_row = encodeParted(key, { number: 77, marks: noMarks() });
  for (let byte = 0; byte < whole_row.length; byte += 1) {
    const damaged = Buffer.from(whole_row);
    damaged[byte] = (damaged[byte] ?? 0) ^ 4;
    assert.is(partedRow(row(damaged)), null, `byte ${byte}`);
  }
  assert.is(partedRow(row(whole_row.subarray(0, 20))), null);
  assert.is(partedRow({ ...row(whole_row), block: 4 }), null);
});
